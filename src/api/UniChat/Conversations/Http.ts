import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { Clock, Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import type { ConversationId } from "../../../domain/conversations/Conversations/Model"
import type { Actor } from "../../../domain/shared/Actor"
import { CurrentActor } from "../../../http/middleware/RequestActor"
import { UniChatApi } from "../Api"
import { said } from "../Body"
import { pageOf, windowOf } from "../Paging"
import { toConversation, toMessage } from "./Body"
import { disposition, toJson, toMarkdown } from "./Export"

const everything = { offset: 0, limit: 2 ** 31 - 1 }

export const conversations = HttpApiBuilder.group(UniChatApi, "conversations", (handlers) =>
  Effect.gen(function* () {
    const all = yield* Conversations
    const assistants = yield* Assistants
    const chat = yield* Chat

    const whole = (actor: Actor, id: ConversationId) =>
      Effect.all([all.get(actor, id), all.details(actor, id, everything)], { concurrency: 2 })

    return handlers
      .handle("listConversations", ({ urlParams }) =>
        Effect.gen(function* () {
          const { items, total } = yield* all.page(yield* CurrentActor, urlParams, windowOf(urlParams))
          return { conversations: items.map(toConversation), ...pageOf(urlParams, total, items.length) }
        }),
      )
      .handle("searchConversations", ({ urlParams }) =>
        Effect.gen(function* () {
          const { q } = urlParams
          const { items, total } = yield* all.searchTitles(yield* CurrentActor, q, windowOf(urlParams))
          return {
            conversations: items.map(toConversation),
            query: q,
            ...pageOf(urlParams, total, items.length),
          }
        }),
      )
      .handle("searchMessages", ({ urlParams: { q, limit } }) =>
        Effect.gen(function* () {
          const found = yield* all.searchMessages(yield* CurrentActor, q, limit)
          const results = found.map((message) => ({
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
          const [conversation, { items }] = yield* whole(yield* CurrentActor, path.id)
          return { conversation: toConversation(conversation), messages: items.map(toMessage) }
        }),
      )
      .handle("createConversation", ({ payload }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const { assistantId } = payload
          if (assistantId != null) yield* assistants.forUse(actor, assistantId)
          return { conversation: toConversation(yield* all.create(actor, payload)) }
        }),
      )
      .handle("updateConversation", ({ path, payload }) =>
        Effect.gen(function* () {
          return { conversation: toConversation(yield* all.change(yield* CurrentActor, path.id, payload)) }
        }),
      )
      .handle("deleteConversation", ({ path }) =>
        said(
          Effect.flatMap(CurrentActor, (actor) => chat.removeConversation(actor, path.id)),
          "Conversation deleted",
        ),
      )
      .handle("archiveConversation", ({ path }) =>
        Effect.gen(function* () {
          const { isArchived } = yield* all.toggleArchived(yield* CurrentActor, path.id)
          return { message: isArchived ? ("Archived" as const) : ("Unarchived" as const), isArchived }
        }),
      )
      .handle("exportConversation", ({ path, urlParams: { format, metadata } }) =>
        Effect.gen(function* () {
          const [conversation, { items }] = yield* whole(yield* CurrentActor, path.id)
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
)
