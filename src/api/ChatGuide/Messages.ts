import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServerResponse, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { ConversationId, MessageId, Prompt } from "../../domain/conversations/Conversations/Model"
import { Generations } from "../../domain/generation/Generations"
import { Text } from "../../domain/shared/Text"
import { RateLimits, UnsafeGet } from "../../http/Annotations"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields } from "../../http/Fields"
import { DateTimeParam, LimitParam, PageParam } from "../../http/Params"
import { rateLimits } from "../../http/RateLimitPolicy"
import { RequestId } from "../../http/RequestId"
import { defineResource } from "../../http/Resource"
import * as Sse from "../../http/Sse"
import { chatId, enveloped, exampleChatId } from "./Body"
import { ChatGuideChunk, chunkFrames } from "./Chunks"
import { errors } from "./Errors"

const ChatMessage = Schema.Struct({
  id: MessageId,
  conversationId: Schema.propertySignature(ConversationId).pipe(Schema.fromKey("chatId")),
  role: Schema.transformLiterals(["USER", "user"], ["ASSISTANT", "assistant"]),
  content: Schema.String,
  createdAt: Schema.Date,
}).annotations({
  identifier: "ChatMessage",
  ...example({
    id: "019bc0f1-2b48-7c3a-9d52-5d0f7e1b9a34",
    chatId: exampleChatId,
    role: "USER",
    content: "Where should I go in spring?",
    createdAt: "2026-01-15T09:30:14.000Z",
  }),
})

const MessagePage = Schema.Struct({
  items: Schema.Array(ChatMessage),
  total: Schema.Int.annotations({
    description: "The number of matching messages on all pages",
    ...example(1),
  }),
  page: Schema.Int.annotations(example(1)),
  limit: Schema.Int.annotations(example(20)),
})

const endpoints = HttpApiGroup.make("messages")
  .add(
    HttpApiEndpoint.get("listMessages")`/api/chats/${chatId}/messages`
      .setUrlParams(
        Fields({
          page: PageParam(1),
          limit: LimitParam(20),
          role: Schema.optional(
            ChatMessage.fields.role.annotations({
              description: "Only messages with this role",
            }),
          ),
          before: Schema.optional(DateTimeParam),
          after: Schema.optional(DateTimeParam),
          search: Schema.optional(
            Text.annotations({
              description: "Text to find literally, case-insensitively",
              jsonSchema: {},
            }),
          ),
        }).annotations(example({ page: "1", limit: "20" })),
      )
      .addSuccess(enveloped("A page of messages", MessagePage))
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "List messages")
      .annotate(
        OpenApi.Description,
        "Returns a page of the chat's messages, oldest first. Filters can be combined.",
      ),
  )
  .add(
    HttpApiEndpoint.get("streamMessage")`/api/chats/${chatId}/messages/stream`
      .setUrlParams(
        Fields({
          content: Schema.propertySignature(Prompt).annotations({ description: "The prompt" }),
        }).annotations(example({ content: "Where should I go in spring?" })),
      )
      .addSuccess(Sse.eventStream("The prompt, and the answer while it is generated", ChatGuideChunk))
      .addSuccess(HttpApiSchema.Empty(204).annotations({ description: "No more events" }))
      .addError(errors.ConversationNotFound)
      .addError(errors.TokenLimitReached)
      .addError(errors.ShuttingDown)
      .annotate(RateLimits, rateLimits.llm)
      .annotate(UnsafeGet, true)
      .annotate(OpenApi.Summary, "Send a prompt and stream the answer")
      .annotate(
        OpenApi.Description,
        [
          "Stores the prompt and streams the answer as server-sent events. The data of each is a JSON object `{data: {messageId, previousMessageId, chatId, role, content, index, createdAt}}`.",
          "The first event is the prompt (`role` user, `index` 0). The chunks of the answer follow (`role` assistant, `index` 1, 2, …), all with the answer's `messageId`; concatenated they are the stored answer.",
          "The answer is generated to its end even if the client disconnects. A request with `Last-Event-ID`, which EventSource sends when it reconnects, resumes after that event; if no events are left the response is 204, which makes EventSource stop reconnecting.",
          "If generation fails, the last event is named `error` and contains the reason. EventSource also fires `error` for lost connections, but without `data`. `X-Generation-Id` identifies the generation, for /api/generations.",
        ].join("\n\n"),
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Messages")
  .annotate(OpenApi.Description, "The messages of a chat, and answers while they are generated.")

export const messages = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const generations = yield* Generations
      return handlers
        .handle(
          "listMessages",
          withActor((actor, { path, urlParams }) => conversations.messages(actor, path.id, urlParams)),
        )
        .handle(
          "streamMessage",
          withActor((actor, { path, urlParams, request }) =>
            Effect.gen(function* () {
              const { generation, openSource, events } = yield* generations.startOrResume(
                actor,
                { conversationId: path.id, content: urlParams.content },
                Sse.lastEventId(request),
              )
              const frame = chunkFrames(generation, yield* RequestId)
              const response =
                generation.state === "running"
                  ? yield* Sse.streamPullSource(openSource, frame, actor)
                  : yield* Sse.replay(events, frame)
              return HttpServerResponse.setHeader(response, "x-generation-id", generation.id)
            }),
          ),
        )
    }),
})
