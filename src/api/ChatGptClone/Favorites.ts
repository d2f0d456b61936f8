import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { type Conversation, ConversationId } from "../../domain/conversations/Conversations/Model"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { encodeOnly, Fields } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { bodyOf, Success } from "./Body"
import { ChatBody, chatExample, chatParam } from "./ChatBody"
import { errors } from "./Errors"
import { ranged, rangeFields, rangeParams } from "./Paging"

const chatId = chatParam("chatId")

const Favorite = encodeOnly(
  Schema.Struct({
    chatId: ConversationId,
    chat: ChatBody,
    createdAt: Schema.NullOr(Schema.Date).annotations({ description: "When it became a favorite" }),
  }),
  (chat: Conversation) => ({ chatId: chat.id, chat, createdAt: chat.favoritedAt }),
).annotations({
  identifier: "Favorite",
  ...example({
    chatId: chatExample.id,
    chat: { ...chatExample, isFavorite: true },
    createdAt: "2026-01-15T09:32:00.000Z",
  }),
})

const endpoints = HttpApiGroup.make("favorites")
  .add(
    HttpApiEndpoint.get("listFavorites", "/api/favorites")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("favorites", Favorite)).annotations({
          description: "A range of the favorites",
        }),
      )
      .annotate(OpenApi.Summary, "List the favorites")
      .annotate(OpenApi.Description, "Returns the user's favorite chats, last added first."),
  )
  .add(
    HttpApiEndpoint.post("addFavorite")`/api/favorites/${chatId}`
      .addSuccess(bodyOf("The favorite", "favorite", Favorite), { status: 201 })
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Add a chat to the favorites")
      .annotate(OpenApi.Description, "Idempotent: a chat that is one already keeps its time."),
  )
  .add(
    HttpApiEndpoint.del("removeFavorite")`/api/favorites/${chatId}`
      .addSuccess(Success)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Remove a chat from the favorites")
      .annotate(OpenApi.Description, "Idempotent."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Favorites")
  .annotate(OpenApi.Description, "The user's favorite chats.")

export const favorites = defineResource({
  group: endpoints,
  prefixes: ["/api/favorites"],
  handlers: (handlers) =>
    Effect.map(Conversations, (conversations) =>
      handlers
        .handle(
          "listFavorites",
          withActor((actor, { urlParams }) =>
            ranged(urlParams, (range) => conversations.favorites(actor, range)),
          ),
        )
        .handle(
          "addFavorite",
          withActor((actor, { path }) => conversations.addFavorite(actor, path.chatId)),
        )
        .handle(
          "removeFavorite",
          withActor((actor, { path }) => conversations.removeFavorite(actor, path.chatId)),
        ),
    ),
})
