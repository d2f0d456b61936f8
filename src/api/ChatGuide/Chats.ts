import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { ConversationId, Title } from "../../domain/conversations/Conversations/Model"
import { UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, nullish } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { chatId, enveloped, exampleChatId } from "./Body"
import { errors } from "./Errors"

const Chat = Schema.Struct({
  id: ConversationId,
  userId: UserId,
  title: Schema.String,
  createdAt: Schema.Date,
}).annotations({
  identifier: "Chat",
  ...example({
    id: exampleChatId,
    userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    title: "Travel plans",
    createdAt: "2026-01-15T09:30:07.000Z",
  }),
})

const endpoints = HttpApiGroup.make("chats")
  .add(
    HttpApiEndpoint.post("createChat", "/api/chats")
      .setPayload(
        Fields({ title: nullish(Title, "1 to 200 characters; untitled if absent") }).annotations(
          example({ title: "Travel plans" }),
        ),
      )
      .addSuccess(
        enveloped(
          "The chat",
          Schema.Struct({
            conversation: Schema.propertySignature(Chat).pipe(Schema.fromKey("chat")),
            created: Schema.Boolean.annotations({
              description: "False when an existing empty chat was reused",
            }),
          }),
          201,
        ),
        { status: 201 },
      )
      .annotate(OpenApi.Summary, "Create a chat")
      .annotate(
        OpenApi.Description,
        "Returns the user's chat without messages if there is one; otherwise creates a chat with this title. Concurrent calls return the same chat.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listChats", "/api/chats")
      .addSuccess(enveloped("The user's chats", Schema.Array(Chat)))
      .annotate(OpenApi.Summary, "List the user's chats")
      .annotate(OpenApi.Description, "Returns all chats, newest first."),
  )
  .add(
    HttpApiEndpoint.get("getChat")`/api/chats/${chatId}`
      .addSuccess(enveloped("The chat", Chat))
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Get a chat")
      .annotate(OpenApi.Description, "Returns a chat of the user."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Chats")
  .annotate(OpenApi.Description, "The user's conversations.")

export const chats = defineResource({
  group: endpoints,
  prefixes: ["/api/chats"],
  handlers: (handlers) =>
    Effect.map(Conversations, (conversations) =>
      handlers
        .handle(
          "createChat",
          withActor((actor, { payload }) => conversations.getOrCreateEmpty(actor, payload.title)),
        )
        .handle("listChats", withActor(conversations.list))
        .handle(
          "getChat",
          withActor((actor, { path }) => conversations.get(actor, path.id)),
        ),
    ),
})
