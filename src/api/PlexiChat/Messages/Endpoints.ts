import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Authenticated } from "../../../http/Authenticated"
import { Fields } from "../../../http/Fields"
import { channelId } from "../Channels/Bodies"
import { enveloped, envelopedPage, envelopedWithPage, pageParams } from "../Envelope"
import { errors } from "../Errors"
import {
  emojiParam,
  MessageBody,
  MessageChangeBody,
  messageId,
  NewMessageBody,
  NewReactionBody,
  ReactionBody,
  ThreadBody,
} from "./Bodies"

const single = enveloped("The message", MessageBody)
const existing = enveloped("The message, which was sent before with this `client_id`", MessageBody)

export const endpoints = HttpApiGroup.make("channelMessages")
  .add(
    HttpApiEndpoint.get("v1ListChannelMessages")`/v1/channels/${channelId}/messages`
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the messages", MessageBody))
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "List messages")
      .annotate(OpenApi.Description, "Returns the messages, newest first, without replies. Requires `read`."),
  )
  .add(
    HttpApiEndpoint.post("v1SendChannelMessage")`/v1/channels/${channelId}/messages`
      .setPayload(NewMessageBody)
      .addSuccess(single, { status: 201 })
      .addSuccess(existing)
      .addError(errors.ChannelNotFound)
      .addError(errors.ClientIdTaken)
      .addError(errors.FileNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Send a message")
      .annotate(
        OpenApi.Description,
        "Sends a message. Sent again with the same `client_id`, it is returned and not stored twice. An assistant that it mentions by `@name` answers in its thread. Requires `send_messages`, and `attach_files` for attachments.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetMessage")`/v1/messages/${messageId}`
      .addSuccess(single)
      .addError(errors.PostNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Get a message")
      .annotate(
        OpenApi.Description,
        "Returns a message of a channel or of direct messages. Requires `read`.",
      ),
  )
  .add(
    HttpApiEndpoint.put("v1EditMessage")`/v1/messages/${messageId}`
      .setPayload(MessageChangeBody)
      .addSuccess(single)
      .addError(errors.PostNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Edit a message")
      .annotate(OpenApi.Description, "Replaces the text. Only the author may, with `send_messages`."),
  )
  .add(
    HttpApiEndpoint.del("v1DeleteMessage")`/v1/messages/${messageId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.PostNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Delete a message")
      .annotate(
        OpenApi.Description,
        "Deletes a message. While it has replies it stays in the list, without content. The author may, and whoever has `manage_messages`.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1AddReaction")`/v1/messages/${messageId}/reactions`
      .setPayload(NewReactionBody)
      .addSuccess(enveloped("The reaction", ReactionBody), { status: 201 })
      .addSuccess(enveloped("The reaction, which the user has added before", ReactionBody))
      .addError(errors.PostNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Add a reaction")
      .annotate(OpenApi.Description, "Adds the user's reaction. Requires `add_reactions`. Idempotent."),
  )
  .add(
    HttpApiEndpoint.del("v1RemoveReaction")`/v1/messages/${messageId}/reactions/${emojiParam}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.PostNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.ReactionNotFound)
      .annotate(OpenApi.Summary, "Remove a reaction")
      .annotate(OpenApi.Description, "Removes the user's own reaction."),
  )
  .add(
    HttpApiEndpoint.get("v1GetThread")`/v1/messages/${messageId}/thread`
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedWithPage("The thread with a page of its replies", ThreadBody))
      .addError(errors.PostNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Get a thread")
      .annotate(
        OpenApi.Description,
        "Returns the first message of the thread that a message is in, and a page of the replies, oldest first. Requires `read`.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1ReplyToMessage")`/v1/messages/${messageId}/thread`
      .setPayload(NewMessageBody)
      .addSuccess(single, { status: 201 })
      .addSuccess(existing)
      .addError(errors.PostNotFound)
      .addError(errors.ClientIdTaken)
      .addError(errors.FileNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Reply to a message")
      .annotate(
        OpenApi.Description,
        "Replies in the thread of a message; a reply to a reply joins the same thread. Idempotent and permitted as sending is.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Channel messages")
  .annotate(OpenApi.Description, "Messages of channels and of direct messages, their threads and reactions.")
