import { Clock, Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import type { ConversationId } from "../../../domain/conversations/Conversations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"
import { exportResponse } from "./Export"

const allMessages = { offset: 0, limit: 2 ** 31 - 1 }

export const conversations = defineResource({
  group: endpoints,
  prefixes: ["/api/conversations"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const assistants = yield* Assistants
      const chat = yield* Chat

      const getWithMessages = (actor: Actor, id: ConversationId) =>
        Effect.zipWith(
          conversations.get(actor, id),
          conversations.messagesWithMetadata(actor, id, allMessages),
          (conversation, { items }) => ({ conversation, messages: items }),
          { concurrent: true },
        )

      return handlers
        .handle(
          "listConversations",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => conversations.page(actor, urlParams, range)),
          ),
        )
        .handle(
          "searchConversations",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => conversations.searchTitles(actor, urlParams.q, range)),
          ),
        )
        .handle(
          "searchMessages",
          withActor((actor, { urlParams: { q, limit } }) =>
            Effect.map(conversations.searchMessages(actor, q, limit), (results) => ({
              results,
              query: q,
              total: results.length,
            })),
          ),
        )
        .handle(
          "getConversation",
          withActor((actor, { path }) => getWithMessages(actor, path.id)),
        )
        .handle(
          "createConversation",
          withActor((actor, { payload }) =>
            Effect.gen(function* () {
              if (payload.assistantId != null) yield* assistants.getVisible(actor, payload.assistantId)
              return yield* conversations.create(actor, payload)
            }),
          ),
        )
        .handle(
          "updateConversation",
          withActor((actor, { path, payload }) => conversations.update(actor, path.id, payload)),
        )
        .handle(
          "deleteConversation",
          withActor((actor, { path }) => chat.removeConversation(actor, path.id)),
        )
        .handle(
          "archiveConversation",
          withActor((actor, { path }) => conversations.toggleArchived(actor, path.id)),
        )
        .handle(
          "exportConversation",
          withActor((actor, { path, urlParams }) =>
            Effect.gen(function* () {
              const conversation = yield* getWithMessages(actor, path.id)
              const now = new Date(yield* Clock.currentTimeMillis)
              return exportResponse(conversation, urlParams, now)
            }),
          ),
        )
    }),
})
