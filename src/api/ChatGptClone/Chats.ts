import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { AssistantId } from "../../domain/assistants/Assistants/Model"
import { Chat } from "../../domain/chat/Chat"
import { Titles } from "../../domain/chat/Titles"
import { Conversations } from "../../domain/conversations/Conversations"
import { Title } from "../../domain/conversations/Conversations/Model"
import { ScopeId } from "../../domain/identity/Memberships/Model"
import { RateLimits } from "../../http/Annotations"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, nullish, optionalRenamed } from "../../http/Fields"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import { bodyOf, Success } from "./Body"
import { ChatBody, chatExample, chatParam, MessageBody } from "./ChatBody"
import { errors } from "./Errors"
import { ranged, rangeFields, rangeParams } from "./Paging"

const id = chatParam("id")
const agentExample = { agentId: "00000000-0000-7000-8000-000000000004" }

const endpoints = HttpApiGroup.make("chats")
  .add(
    HttpApiEndpoint.post("startChat", "/api/chat")
      .setPayload(
        Fields({
          title: nullish(Title, "1 to 200 characters; untitled if absent"),
          projectId: nullish(ScopeId, "The project whose members may read the chat; none if absent"),
        }).annotations(example({ title: chatExample.title })),
      )
      .addSuccess(bodyOf("The chat", "chat", ChatBody), { status: 201 })
      .addError(errors.ProjectNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Create a chat")
      .annotate(
        OpenApi.Description,
        "Always creates a chat. With `projectId`, which requires permission to write in the project, all its members may read the chat; only its creator writes to it.",
      ),
  )
  .add(
    HttpApiEndpoint.get("recentChats", "/api/chat/recent")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("chats", ChatBody)).annotations({ description: "A range of the chats" }),
      )
      .annotate(OpenApi.Summary, "List recent chats")
      .annotate(
        OpenApi.Description,
        "Returns the user's chats, last active first, without those removed from the history.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getChatMessages")`/api/chat/${id}`
      .setUrlParams(Fields(rangeParams(100)))
      .addSuccess(
        Schema.Struct({ chat: ChatBody, ...rangeFields("messages", MessageBody) }).annotations({
          description: "The chat and a range of its messages",
        }),
      )
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Get a chat with its messages")
      .annotate(OpenApi.Description, "Returns a chat and its messages, oldest first."),
  )
  .add(
    HttpApiEndpoint.put("updateChat")`/api/chat/${id}`
      .setPayload(
        Fields({
          title: optionalRenamed("title", Title).annotations({ description: "1 to 200 characters" }),
        }).annotations(example({ title: "Kyoto in spring" })),
      )
      .addSuccess(bodyOf("The chat", "chat", ChatBody))
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Update a chat")
      .annotate(OpenApi.Description, "Changes the fields that are present."),
  )
  .add(
    HttpApiEndpoint.del("deleteChat")`/api/chat/${id}`
      .addSuccess(Success)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Delete a chat")
      .annotate(OpenApi.Description, "Deletes a chat with its messages, and stops its generations."),
  )
  .add(
    HttpApiEndpoint.post("generateChatTitle")`/api/chat/${id}/title`
      .addSuccess(bodyOf("The title", "title", Schema.String.annotations(example(chatExample.title))))
      .addError(errors.ConversationNotFound)
      .addError(errors.ConversationEmpty)
      .addError(errors.TokenLimitReached)
      .addError(errors.GenerationFailed)
      .annotate(RateLimits, rateLimits.chat)
      .annotate(OpenApi.Summary, "Generate a title")
      .annotate(
        OpenApi.Description,
        "Generates a title from the first messages of the chat, and stores it. Its tokens count as usage.",
      ),
  )
  .add(
    HttpApiEndpoint.post("setChatAgent")`/api/chat/${id}/agent`
      .setPayload(
        Fields({
          assistantId: Schema.propertySignature(Schema.NullOr(AssistantId))
            .annotations({ description: "The agent that answers from now on; null for none" })
            .pipe(Schema.fromKey("agentId")),
        }).annotations(example(agentExample)),
      )
      .addSuccess(bodyOf("The chat", "chat", ChatBody))
      .addError(errors.ConversationNotFound)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Set the agent of a chat")
      .annotate(OpenApi.Description, "Sets the agent that answers in the chat. Idempotent."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Chats")
  .annotate(OpenApi.Description, "The user's chats, and those of projects they are a member of.")

export const chats = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const chat = yield* Chat
      const titles = yield* Titles

      return handlers
        .handle(
          "startChat",
          withActor((actor, { payload: { projectId, ...input } }) =>
            projectId === undefined
              ? conversations.create(actor, input)
              : conversations.createInProject(actor, projectId, input),
          ),
        )
        .handle(
          "recentChats",
          withActor((actor, { urlParams }) =>
            ranged(urlParams, (range) => conversations.recent(actor, range)),
          ),
        )
        .handle(
          "getChatMessages",
          withActor((actor, { path, urlParams }) =>
            Effect.zipWith(
              conversations.get(actor, path.id),
              ranged(urlParams, (range) => conversations.messagesWithMetadata(actor, path.id, range)),
              (chat, messages) => ({ chat, ...messages }),
              { concurrent: true },
            ),
          ),
        )
        .handle(
          "updateChat",
          withActor((actor, { path, payload }) => conversations.update(actor, path.id, payload)),
        )
        .handle(
          "deleteChat",
          withActor((actor, { path }) => chat.removeConversation(actor, path.id)),
        )
        .handle(
          "generateChatTitle",
          withActor((actor, { path }) => titles.replaceTitle(actor, path.id)),
        )
        .handle(
          "setChatAgent",
          withActor((actor, { path, payload }) => chat.setAssistant(actor, path.id, payload.assistantId)),
        )
    }),
})
