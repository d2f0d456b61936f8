import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Conversations } from "../../../domain/conversations/Conversations"
import { People } from "../../../domain/identity/UserDirectory"
import type { Person } from "../../../domain/identity/UserDirectory/Model"
import { Users } from "../../../domain/identity/Users"
import { Audit } from "../../../domain/operations/Audit"
import { Usage } from "../../../domain/operations/Usage"
import { CurrentActor } from "../../../http/middleware/RequestActor"
import { UniChatApi } from "../Api"
import { toConversation, toMessage } from "../Conversations/Body"
import { pageOf, windowOf } from "../Paging"
import { toProfile, toUsage } from "../UserBody"

const toPerson = (person: Person) => {
  const { id, email, role, bannedAt, banReason, createdAt } = person
  return {
    id,
    email,
    role,
    profile: toProfile(person),
    usage: toUsage(person),
    status: { is_banned: bannedAt !== null, ban_reason: banReason, banned_at: bannedAt },
    createdAt,
  }
}

export const admin = HttpApiBuilder.group(UniChatApi, "admin", (handlers) =>
  Effect.gen(function* () {
    const people = yield* People
    const users = yield* Users
    const conversations = yield* Conversations
    const usage = yield* Usage
    const audit = yield* Audit

    return handlers
      .handle("listUsers", ({ urlParams }) =>
        Effect.gen(function* () {
          const { include_banned: includeBanned, search } = urlParams
          const filter = { includeBanned, search }
          const { items, total } = yield* people.list(yield* CurrentActor, filter, windowOf(urlParams))
          return { users: items.map(toPerson), ...pageOf(urlParams, total, items.length) }
        }),
      )
      .handle("getUser", ({ path }) =>
        Effect.gen(function* () {
          const person = yield* people.get(yield* CurrentActor, path.id)
          const { conversationCount: conversation_count, assistantCount: config_count } = person
          return { user: { ...toPerson(person), stats: { conversation_count, config_count } } }
        }),
      )
      .handle("banUser", ({ path: { id }, payload: { reason } }) =>
        Effect.gen(function* () {
          yield* users.ban(yield* CurrentActor, id, reason)
          return { message: "User banned", user_id: id, reason }
        }),
      )
      .handle("unbanUser", ({ path: { id } }) =>
        Effect.gen(function* () {
          yield* users.unban(yield* CurrentActor, id)
          return { message: "User unbanned", user_id: id }
        }),
      )
      .handle("setUserLimits", ({ path: { id }, payload: { tokens_limit } }) =>
        Effect.gen(function* () {
          yield* usage.setLimit(yield* CurrentActor, id, tokens_limit)
          return { message: "User limits updated", user_id: id, tokens_limit }
        }),
      )
      .handle("getUserHistory", ({ path, urlParams }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const withMessages = urlParams.include_messages
          const { id, email, name: display_name } = yield* people.get(actor, path.id)
          const window = windowOf(urlParams)
          const { items, total } = yield* conversations.historyOf(actor, id, window, withMessages)
          return {
            conversations: items.map(({ conversation, messages }) => ({
              ...toConversation(conversation),
              ...(withMessages ? { messages: messages.map(toMessage) } : {}),
            })),
            user: { id, email, display_name },
            ...pageOf(urlParams, total, items.length),
          }
        }),
      )
      .handle("listAuditLogs", ({ urlParams }) =>
        Effect.gen(function* () {
          const window = windowOf(urlParams)
          const { items, total } = yield* audit.list(yield* CurrentActor, window, urlParams.action)
          return { logs: items, skip: window.offset, ...pageOf(urlParams, total, items.length) }
        }),
      )
  }),
)
