import {
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiSchema,
  HttpApp,
  HttpServerResponse,
  OpenApi,
} from "@effect/platform"
import { Effect, Schema } from "effect"
import { AssistantFields } from "../../domain/assistants/Assistants/Model"
import { Chat } from "../../domain/chat/Chat"
import { MessageId, MessageRole, Prompt } from "../../domain/conversations/Conversations/Model"
import { GenerationId } from "../../domain/generation/Generations/Model"
import { MAX_ATTACHMENT_BODY, MaxBodySize, RateLimits } from "../../http/Annotations"
import { AttachmentsInput } from "../../http/AttachmentsInput"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optional, optionalRenamed, renamed } from "../../http/Fields"
import { GenerationEventBody, generationEvent } from "../../http/GenerationEvents"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import * as Sse from "../../http/Sse"
import { bodyOf, Success } from "./Body"
import { chatParam, MessageBody, messageExample } from "./ChatBody"
import { errors } from "./Errors"

const id = chatParam("id")
const messageId = HttpApiSchema.param(
  "messageId",
  MessageId.annotations({ description: "The message's id", ...example(messageExample.id) }),
)

const content = renamed("content", Prompt).annotations({
  description: "The text: 1 to 100,000 characters",
})

const NewMessage = Fields({
  content,
  role: Schema.optionalWith(MessageRole, { default: () => "user" }).annotations({
    description: "`user`, the default, starts an answer; `assistant` stores an answer of the front end's own",
  }),
  attachments: optionalRenamed("attachments", AttachmentsInput).annotations({
    description: "Images and files, at most 10",
  }),
  model: optionalRenamed("model", AssistantFields.modelId).annotations({
    description: "The model that answers; defaults to that of the chat's agent, or to the server's",
  }),
}).annotations(example({ content: messageExample.content, role: "user" }))

const endpoints = HttpApiGroup.make("chatMessages")
  .add(
    HttpApiEndpoint.post("postMessage")`/api/chat/${id}/messages`
      .setPayload(NewMessage)
      .addSuccess(
        Schema.Struct({
          message: MessageBody,
          generationId: optional(GenerationId).annotations({
            description: "The generation of the answer; absent for the role `assistant`",
            ...example("019bc0f1-2b50-7c3a-9d52-9e4d2a6c8b17"),
          }),
        }).annotations({ description: "The stored message" }),
        { status: 201 },
      )
      .addSuccess(
        Sse.eventStream("The events of the generation, if `Accept` asks for them", GenerationEventBody),
      )
      .addError(errors.ConversationNotFound)
      .addError(errors.TokenLimitReached)
      .addError(errors.ShuttingDown)
      .addError(errors.FileNotFound)
      .addError(errors.InvalidFile)
      .addError(errors.StorageFailed)
      .annotate(MaxBodySize, MAX_ATTACHMENT_BODY)
      .annotate(OpenApi.Summary, "Send a message")
      .annotate(
        OpenApi.Description,
        [
          "Stores the message and, if its role is `user`, starts generating the answer; the response does not wait for it. The answer appears among the messages of the chat, and while it is generated at `/api/generations/{generationId}/events`. After the first answer, a chat without a title gets a generated one, whose tokens count as usage.",
          "With `Accept: text/event-stream` the response is that event stream itself. The answer is generated to its end even if the client disconnects. `X-Generation-Id` identifies the generation.",
        ].join("\n\n"),
      ),
  )
  .add(
    HttpApiEndpoint.put("updateMessage")`/api/chat/${id}/messages/${messageId}`
      .setPayload(Fields({ content }).annotations(example({ content: "Where should I go in autumn?" })))
      .addSuccess(bodyOf("The edited message", "message", MessageBody))
      .addError(errors.MessageNotFound)
      .addError(errors.InvalidMessageRole)
      .annotate(OpenApi.Summary, "Edit a message")
      .annotate(OpenApi.Description, "Edits a user's message. Generates no new answer."),
  )
  .add(
    HttpApiEndpoint.del("removeMessage")`/api/chat/${id}/messages/${messageId}`
      .addSuccess(Success)
      .addError(errors.MessageNotFound)
      .annotate(OpenApi.Summary, "Delete a message")
      .annotate(OpenApi.Description, "Deletes a message. If it is being generated, generation stops."),
  )
  .middleware(Authenticated)
  .annotate(RateLimits, rateLimits.chat)
  .annotate(OpenApi.Title, "Messages")
  .annotate(OpenApi.Description, "Send, edit and delete the messages of a chat.")

/** The header that identifies the generation which a response is about. */
const generationHeader = "x-generation-id"

export const messages = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const chat = yield* Chat
      return handlers
        .handle(
          "postMessage",
          withActor((actor, { path, payload: { role, ...input }, request }) =>
            Effect.gen(function* () {
              if (role === "assistant") return { message: yield* chat.storeAnswer(actor, path.id, input) }
              const { generation, openSource, promptedAt } = yield* chat.sendPrompt(actor, path.id, input)
              if (Sse.isAccepted(request)) {
                const response = yield* Sse.streamPullSource(openSource, generationEvent, actor)
                return HttpServerResponse.setHeader(response, generationHeader, generation.id)
              }
              yield* HttpApp.appendPreResponseHandler((_, response) =>
                Effect.succeed(HttpServerResponse.setHeader(response, generationHeader, generation.id)),
              )
              const { conversationId, promptId, id: generationId } = generation
              const { content } = input
              return {
                message: { id: promptId, conversationId, role, content, createdAt: promptedAt },
                generationId,
              }
            }),
          ),
        )
        .handle(
          "updateMessage",
          withActor((actor, { path, payload }) => chat.edit(actor, path.messageId, payload.content, path.id)),
        )
        .handle(
          "removeMessage",
          withActor((actor, { path }) => chat.removeMessage(actor, path.messageId, path.id)),
        )
    }),
})
