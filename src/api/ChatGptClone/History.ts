import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { type Conversation, ConversationId } from "../../domain/conversations/Conversations/Model"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { encodeOnly, Fields } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { Success } from "./Body"
import { chatExample, chatFields, chatParam, withIsFavorite } from "./ChatBody"
import { errors } from "./Errors"
import { ranged, rangeFields, rangeParams } from "./Paging"

const chatId = chatParam("chatId")

const HistoryEntry = encodeOnly(
  Schema.Struct({ ...chatFields, chatId: ConversationId.annotations({ description: "Alias of `id`" }) }),
  (conversation: Conversation) => ({ ...withIsFavorite(conversation), chatId: conversation.id }),
).annotations({ identifier: "HistoryEntry", ...example({ ...chatExample, chatId: chatExample.id }) })

const endpoints = HttpApiGroup.make("history")
  .add(
    HttpApiEndpoint.get("listHistory", "/api/history")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("history", HistoryEntry)).annotations({
          description: "A range of the history",
        }),
      )
      .annotate(OpenApi.Summary, "List the history")
      .annotate(OpenApi.Description, "Returns the user's chats that have a message, last active first."),
  )
  .add(
    HttpApiEndpoint.post("clearHistory", "/api/history/clear")
      .addSuccess(Success)
      .annotate(OpenApi.Summary, "Clear the history")
      .annotate(
        OpenApi.Description,
        "Removes all chats from the history without deleting them. A new message makes a chat reappear.",
      ),
  )
  .add(
    HttpApiEndpoint.del("removeFromHistory")`/api/history/${chatId}`
      .addSuccess(Success)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Remove a chat from the history")
      .annotate(
        OpenApi.Description,
        "Removes a chat from the history without deleting it. A new message makes it reappear. Idempotent.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "History")
  .annotate(OpenApi.Description, "The user's past chats.")

export const history = defineResource({
  group: endpoints,
  prefixes: ["/api/history"],
  handlers: (handlers) =>
    Effect.map(Conversations, (conversations) =>
      handlers
        .handle(
          "listHistory",
          withActor((actor, { urlParams }) =>
            ranged(urlParams, (range) => conversations.history(actor, range)),
          ),
        )
        .handle("clearHistory", withActor(conversations.hideAll))
        .handle(
          "removeFromHistory",
          withActor((actor, { path }) => conversations.hide(actor, path.chatId)),
        ),
    ),
})
