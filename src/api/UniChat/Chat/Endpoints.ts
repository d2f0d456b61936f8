import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { ConversationId, MessageId, Prompt } from "../../../domain/conversations/Conversations/Model"
import { MAX_ATTACHMENT_BODY, MaxBodySize, RateLimits } from "../../../http/Annotations"
import { AttachmentsInput } from "../../../http/AttachmentsInput"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, nullish, optional, optionalRenamed, renamed } from "../../../http/Fields"
import { messageExample } from "../../../http/MessageFields"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { body, messageBody } from "../Body"
import { MessageBody } from "../Conversations/Body"
import { errors } from "../Errors"

/** The payload of a new message, over HTTP and Socket.IO. */
export const SendMessageInput = Fields({
  conversationId: nullish(ConversationId, "The conversation; a new one if absent or null").pipe(
    Schema.fromKey("conversation_id"),
  ),
  assistantId: renamed(
    "config_id",
    AssistantId.pipe(Schema.minLength(1, { message: () => "must not be empty" })),
  ).annotations({ description: "The config that answers" }),
  content: renamed("message", Prompt).annotations({ description: "The text of the message" }),
  attachments: optionalRenamed("attachments", AttachmentsInput).annotations({
    description: "Images and files, at most 10",
  }),
}).annotations(
  example({
    conversation_id: messageExample.conversation_id,
    config_id: "019bc0f1-2b81-7c3a-9d52-dc448a0614c0",
    message: messageExample.content,
  }),
)

const deletedCount = renamed("deleted_count", Schema.Int.annotations(example(1)))

const messageId = HttpApiSchema.param(
  "id",
  MessageId.annotations({ description: "The message's id", ...example(messageExample.id) }),
)
export const endpoints = HttpApiGroup.make("chat")
  .add(
    HttpApiEndpoint.post("sendMessage", "/api/chat/send")
      .setPayload(SendMessageInput)
      .addSuccess(
        body("The message and its answer", {
          conversationId: renamed(
            "conversation_id",
            ConversationId.annotations(example(messageExample.conversation_id)),
          ),
          prompt: renamed("user_message", MessageBody),
          answer: renamed("assistant_message", MessageBody),
          isNew: renamed("is_new_conversation", Schema.Boolean),
        }),
      )
      .addError(errors.AssistantNotFound)
      .addError(errors.ConversationNotFound)
      .addError(errors.TokenLimitReached)
      .addError(errors.GenerationFailed)
      .addError(errors.ShuttingDown)
      .addError(errors.FileNotFound)
      .addError(errors.InvalidFile)
      .addError(errors.StorageFailed)
      .annotate(MaxBodySize, MAX_ATTACHMENT_BODY)
      .annotate(OpenApi.Summary, "Send a message and wait for the answer")
      .annotate(
        OpenApi.Description,
        "Starts a new conversation if `conversation_id` is absent. The answer is generated to its end even if the client disconnects. To stream it, use Socket.IO.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteMessage")`/api/chat/messages/${messageId}`
      .addSuccess(messageBody("Message deleted"))
      .addError(errors.MessageNotFound)
      .annotate(OpenApi.Summary, "Delete a message")
      .annotate(OpenApi.Description, "Deletes a single message. If it is being generated, generation stops."),
  )
  .add(
    HttpApiEndpoint.put("editMessage")`/api/chat/messages/${messageId}`
      .setPayload(
        Fields({
          content: Schema.propertySignature(Prompt).annotations({ description: "The new text" }),
          regenerate: optional(Schema.Boolean).annotations({
            description: "Whether to generate a new answer; defaults to false",
          }),
        }).annotations(
          example({ content: "How do I implement JWT authentication in Go?", regenerate: true }),
        ),
      )
      .addSuccess(
        body("The edited message, and the new answer if one was requested", {
          prompt: renamed("message", MessageBody),
          deletedCount,
          answer: optionalRenamed("assistant_message", MessageBody),
        }),
      )
      .addError(errors.MessageNotFound)
      .addError(errors.InvalidMessageRole)
      .addError(errors.TokenLimitReached)
      .addError(errors.GenerationFailed)
      .addError(errors.ShuttingDown)
      .annotate(OpenApi.Summary, "Edit a user's message")
      .annotate(
        OpenApi.Description,
        "Stores the previous text in `edit_history`. With `regenerate`, deletes the messages after it (`deleted_count`) and generates a new answer.",
      ),
  )
  .add(
    HttpApiEndpoint.post("regenerateMessage")`/api/chat/regenerate/${messageId}`
      .addSuccess(body("The new answer", { answer: renamed("message", MessageBody), deletedCount }))
      .addError(errors.MessageNotFound)
      .addError(errors.InvalidMessageRole)
      .addError(errors.TokenLimitReached)
      .addError(errors.GenerationFailed)
      .addError(errors.ShuttingDown)
      .annotate(OpenApi.Summary, "Regenerate an assistant's message")
      .annotate(
        OpenApi.Description,
        "Replaces the message with a newly generated one and deletes the messages after it; `deleted_count` includes the replaced one.",
      ),
  )
  .middleware(Authenticated)
  .annotate(RateLimits, rateLimits.chat)
  .annotate(OpenApi.Title, "Chat")
  .annotate(OpenApi.Description, "Send, edit, regenerate and delete messages.")
