import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { ConversationId, type MessageWithMetadata } from "../../domain/conversations/Conversations/Model"
import { RateLimits } from "../../http/Annotations"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { encodeOnly, Fields, renamed } from "../../http/Fields"
import { messageExample, messageFields, withIsEdited } from "../../http/MessageFields"
import { LimitParam, PageParam, SkipParam } from "../../http/Params"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"

/** A message with the fields of both documents that have this operation: UniChat and the ChatGPT clone. */
const MessageBody = encodeOnly(
  Schema.Struct({
    ...messageFields,
    chatId: ConversationId.annotations({ description: "Alias of `conversation_id`" }),
    sentAt: renamed("createdAt", Schema.Date.annotations({ description: "Alias of `created_at`" })),
  }),
  (message: MessageWithMetadata) => ({
    ...withIsEdited(message),
    chatId: message.conversationId,
    sentAt: message.createdAt,
  }),
).annotations({
  identifier: "ListedMessage",
  ...example({
    ...messageExample,
    chatId: messageExample.conversation_id,
    createdAt: messageExample.created_at,
  }),
})

const MessagePage = Schema.Struct({
  items: renamed("messages", Schema.Array(MessageBody)),
  total: Schema.Int.annotations({ description: "Number of messages on all pages", ...example(1) }),
  page: Schema.Int.annotations(example(1)),
  limit: Schema.Int.annotations(example(100)),
  offset: Schema.Int.annotations({ description: "Number of messages before this page", ...example(0) }),
  hasMore: Schema.Boolean.annotations(example(false)),
  has_more: Schema.Boolean.annotations({ description: "Alias of `hasMore`", ...example(false) }),
}).annotations({ description: "A page of the messages" })

const id = HttpApiSchema.param(
  "id",
  ConversationId.annotations({
    description: "The conversation's id",
    ...example(messageExample.conversation_id),
  }),
)

const endpoints = HttpApiGroup.make("messages")
  .add(
    HttpApiEndpoint.get("chatMessages")`/api/chat/${id}/messages`
      .setUrlParams(
        Fields({ page: PageParam(1), limit: LimitParam(100), offset: SkipParam, skip: SkipParam }),
      )
      .addSuccess(MessagePage)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "List a conversation's messages")
      .annotate(
        OpenApi.Description,
        "Returns a page of messages, oldest first. `offset`, or `skip`, counts messages instead of pages.",
      ),
  )
  .middleware(Authenticated)
  .annotate(RateLimits, rateLimits.chat)
  .annotate(OpenApi.Title, "Messages")
  .annotate(OpenApi.Description, "The messages of conversations, with the fields of every contract.")

export const messages = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.map(Conversations, (conversations) =>
      handlers.handle(
        "chatMessages",
        withActor((actor, { path, urlParams: { page, limit, skip, offset = skip ?? (page - 1) * limit } }) =>
          Effect.map(conversations.messagesWithMetadata(actor, path.id, { offset, limit }), (result) => {
            const hasMore = offset + result.items.length < result.total
            return {
              ...result,
              page: Math.floor(offset / limit) + 1,
              limit,
              offset,
              hasMore,
              has_more: hasMore,
            }
          }),
        ),
      ),
    ),
})
