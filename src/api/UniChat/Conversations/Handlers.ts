import { HttpServerResponse } from "@effect/platform"
import { Clock, Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import type { ConversationId } from "../../../domain/conversations/Conversations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { toConversation, toMessage } from "./Body"
import { endpoints } from "./Endpoints"
import { disposition, toJson, toMarkdown } from "./Export"

const allMessages = { offset: 0, limit: 2 ** 31 - 1 }

export const conversations = defineResource({
  group: endpoints,
  prefixes: ["/api/conversations"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const assistants = yield* Assistants
      const chat = yield* Chat

      const loadWithMessages = (actor: Actor, id: ConversationId) =>
        Effect.all(
          [conversations.get(actor, id), conversations.messagesWithMetadata(actor, id, allMessages)],
          {
            concurrency: 2,
          },
        )

      return handlers
        .handle("listConversations", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* conversations.page(
              yield* CurrentActor,
              urlParams,
              toOffsetLimit(urlParams),
            )
            return {
              conversations: items.map(toConversation),
              ...toPageFields(urlParams, total, items.length),
            }
          }),
        )
        .handle("searchConversations", ({ urlParams }) =>
          Effect.gen(function* () {
            const { q } = urlParams
            const { items, total } = yield* conversations.searchTitles(
              yield* CurrentActor,
              q,
              toOffsetLimit(urlParams),
            )
            return {
              conversations: items.map(toConversation),
              query: q,
              ...toPageFields(urlParams, total, items.length),
            }
          }),
        )
        .handle("searchMessages", ({ urlParams: { q, limit } }) =>
          Effect.gen(function* () {
            const matches = yield* conversations.searchMessages(yield* CurrentActor, q, limit)
            const results = matches.map((message) => ({
              id: message.id,
              conversation_id: message.conversationId,
              role: message.role,
              content: message.content,
              created_at: message.createdAt.toISOString(),
            }))
            return { results, query: q, total: results.length }
          }),
        )
        .handle("getConversation", ({ path }) =>
          Effect.gen(function* () {
            const [conversation, { items }] = yield* loadWithMessages(yield* CurrentActor, path.id)
            return { conversation: toConversation(conversation), messages: items.map(toMessage) }
          }),
        )
        .handle("createConversation", ({ payload }) =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            const { assistantId } = payload
            if (assistantId != null) yield* assistants.getVisible(actor, assistantId)
            return { conversation: toConversation(yield* conversations.create(actor, payload)) }
          }),
        )
        .handle("updateConversation", ({ path, payload }) =>
          Effect.gen(function* () {
            return {
              conversation: toConversation(
                yield* conversations.update(yield* CurrentActor, path.id, payload),
              ),
            }
          }),
        )
        .handle("deleteConversation", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => chat.removeConversation(actor, path.id)),
            "Conversation deleted",
          ),
        )
        .handle("archiveConversation", ({ path }) =>
          Effect.gen(function* () {
            const { isArchived } = yield* conversations.toggleArchived(yield* CurrentActor, path.id)
            return { message: isArchived ? ("Archived" as const) : ("Unarchived" as const), isArchived }
          }),
        )
        .handle("exportConversation", ({ path, urlParams: { format, metadata } }) =>
          Effect.gen(function* () {
            const [conversation, { items }] = yield* loadWithMessages(yield* CurrentActor, path.id)
            const now = new Date(yield* Clock.currentTimeMillis)
            if (format === "json") {
              return HttpServerResponse.unsafeJson(toJson(conversation, items, metadata, now), {
                headers: { "content-disposition": disposition(conversation.title, "json", now) },
              })
            }
            return HttpServerResponse.text(toMarkdown(conversation, items, metadata), {
              contentType: "text/markdown; charset=utf-8",
              headers: { "content-disposition": disposition(conversation.title, "md", now) },
            })
          }),
        )
    }),
})
