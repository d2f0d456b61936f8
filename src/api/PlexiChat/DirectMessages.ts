import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { ChannelId } from "../../domain/messaging/Channels/Model"
import { DirectMessages } from "../../domain/messaging/DirectMessages"
import { MAX_PARTICIPANTS } from "../../domain/messaging/DirectMessages/Model"
import { Posts } from "../../domain/messaging/Posts"
import { UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optionalRenamed, renamed, reportWithFieldErrors } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { setCreatedStatus } from "./CreatedStatus"
import { enveloped, envelopedPage, pageParams } from "./Envelope"
import { errors } from "./Errors"
import { MessageBody, NewMessageBody } from "./Messages/Bodies"
import { paged } from "./Paging"

const ada = "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01"
const conversationExample = {
  id: "019bc0f1-2d0a-7c3a-9d52-2a4c6e8f0daa",
  participants: [{ id: ada, username: "ada", display_name: "Ada Lovelace", avatar_url: null }],
  created_at: "2026-01-15T09:30:00.000Z",
  last_active_at: "2026-01-15T09:31:00.000Z",
}

const ConversationBody = Schema.Struct({
  id: ChannelId,
  participants: Schema.Array(
    Schema.Struct({
      id: UserId,
      username: Schema.String,
      name: renamed("display_name", Schema.String),
      avatarUrl: renamed("avatar_url", Schema.NullOr(Schema.String)),
    }),
  ).annotations({ description: "Everyone in it who has an account, the caller included" }),
  createdAt: renamed("created_at", Schema.Date),
  activeAt: renamed("last_active_at", Schema.Date).annotations({
    description: "The time of the last message, or of the creation",
  }),
}).annotations({ identifier: "PlexiChatDirectConversation", ...example(conversationExample) })

const conversationId = HttpApiSchema.param(
  "id",
  ChannelId.annotations({ description: "The conversation's id", ...example(conversationExample.id) }),
)

/** Whom to talk to: one user or several. */
const NewConversationBody = Fields({
  userId: optionalRenamed("user_id", UserId).annotations({
    description: "The other user, or the caller for notes of their own",
  }),
  participantIds: optionalRenamed(
    "participant_ids",
    Schema.Array(UserId).pipe(
      Schema.minItems(1, { message: () => "must name at least one user" }),
      Schema.maxItems(MAX_PARTICIPANTS, { message: () => `must be at most ${MAX_PARTICIPANTS} users` }),
    ),
  ).annotations({ description: "The other users, at most 10, instead of `user_id`" }),
}).pipe(
  Schema.filter(
    ({ userId, participantIds }) =>
      (userId === undefined) !== (participantIds === undefined) || {
        path: ["user_id"],
        message: "must be given, or else `participant_ids`",
      },
    reportWithFieldErrors,
  ),
  Schema.annotations({ ...example({ user_id: ada }) }),
)

const single = enveloped("The conversation", ConversationBody)

const endpoints = HttpApiGroup.make("directMessages")
  .add(
    HttpApiEndpoint.get("v1ListConversations", "/v1/dm/conversations")
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the conversations", ConversationBody))
      .annotate(OpenApi.Summary, "List direct conversations")
      .annotate(OpenApi.Description, "Returns the user's conversations, last active first."),
  )
  .add(
    HttpApiEndpoint.post("v1StartConversation", "/v1/dm/conversations")
      .setPayload(NewConversationBody)
      .addSuccess(single, { status: 201 })
      .addSuccess(enveloped("The conversation that these people have already", ConversationBody))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Start a direct conversation")
      .annotate(
        OpenApi.Description,
        "Returns the conversation of the user with others. The same people always have the same one.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetConversation")`/v1/dm/conversations/${conversationId}`
      .addSuccess(single)
      .addError(errors.ChannelNotFound)
      .annotate(OpenApi.Summary, "Get a direct conversation")
      .annotate(OpenApi.Description, "Returns one of the user's conversations."),
  )
  .add(
    HttpApiEndpoint.get("v1ListConversationMessages")`/v1/dm/conversations/${conversationId}/messages`
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the messages", MessageBody))
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "List direct messages")
      .annotate(OpenApi.Description, "Returns the messages, newest first, without replies."),
  )
  .add(
    HttpApiEndpoint.post("v1SendDirectMessage")`/v1/dm/conversations/${conversationId}/messages`
      .setPayload(NewMessageBody)
      .addSuccess(enveloped("The message", MessageBody), { status: 201 })
      .addSuccess(enveloped("The message, which was sent before with this `client_id`", MessageBody))
      .addError(errors.ChannelNotFound)
      .addError(errors.ClientIdTaken)
      .addError(errors.FileNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Send a direct message")
      .annotate(OpenApi.Description, "Sends a message, as to a channel."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Direct messages")
  .annotate(
    OpenApi.Description,
    "Conversations of up to eleven people, whose messages are those of channels: `/v1/messages/{id}` serves them too.",
  )

export const directMessages = defineResource({
  group: endpoints,
  prefixes: ["/v1"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const direct = yield* DirectMessages
      const posts = yield* Posts
      return handlers
        .handle(
          "v1ListConversations",
          withActor((actor, { urlParams }) => paged(urlParams, (range) => direct.list(actor, range))),
        )
        .handle(
          "v1StartConversation",
          withActor((actor, { payload: { userId, participantIds = [] } }) =>
            direct.start(actor, userId === undefined ? participantIds : [userId]).pipe(
              Effect.tap(({ isNew }) => setCreatedStatus(isNew)),
              Effect.map(({ conversation }) => conversation),
            ),
          ),
        )
        .handle(
          "v1GetConversation",
          withActor((actor, { path }) => direct.get(actor, path.id)),
        )
        .handle(
          "v1ListConversationMessages",
          withActor((actor, { path, urlParams }) =>
            Effect.flatMap(direct.get(actor, path.id), ({ id }) =>
              paged(urlParams, (range) => posts.list(actor, id, range)),
            ),
          ),
        )
        .handle(
          "v1SendDirectMessage",
          withActor((actor, { path, payload }) =>
            Effect.flatMap(direct.get(actor, path.id), ({ id }) => posts.send(actor, id, payload)).pipe(
              Effect.tap(({ isNew }) => setCreatedStatus(isNew)),
              Effect.map(({ post }) => post),
            ),
          ),
        )
    }),
})
