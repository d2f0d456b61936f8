import { Effect } from "effect"
import { Conversations } from "../../../domain/conversations/Conversations"
import { UserDirectory } from "../../../domain/identity/UserDirectory"
import type { UserWithUsage } from "../../../domain/identity/UserDirectory/Model"
import { Users } from "../../../domain/identity/Users"
import { Audit } from "../../../domain/operations/Audit"
import { Usage } from "../../../domain/operations/Usage"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { toConversation, toMessage } from "../Conversations/Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { toProfile, toUsage } from "../UserBody"
import { endpoints } from "./Endpoints"

const toAdminUser = (user: UserWithUsage) => {
  const { id, email, role, bannedAt, banReason, createdAt } = user
  return {
    id,
    email,
    role,
    profile: toProfile(user),
    usage: toUsage(user),
    status: { is_banned: bannedAt !== null, ban_reason: banReason, banned_at: bannedAt },
    createdAt,
  }
}

export const admin = defineResource({
  group: endpoints,
  prefixes: ["/api/admin"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const userDirectory = yield* UserDirectory
      const users = yield* Users
      const conversations = yield* Conversations
      const usage = yield* Usage
      const audit = yield* Audit

      return handlers
        .handle("listUsers", ({ urlParams }) =>
          Effect.gen(function* () {
            const { include_banned: includeBanned, search } = urlParams
            const filter = { includeBanned, search }
            const { items, total } = yield* userDirectory.list(
              yield* CurrentActor,
              filter,
              toOffsetLimit(urlParams),
            )
            return { users: items.map(toAdminUser), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("getUser", ({ path }) =>
          Effect.gen(function* () {
            const user = yield* userDirectory.get(yield* CurrentActor, path.id)
            const { conversationCount: conversation_count, assistantCount: config_count } = user
            return { user: { ...toAdminUser(user), stats: { conversation_count, config_count } } }
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
            const { id, email, name: display_name } = yield* userDirectory.get(actor, path.id)
            const offsetLimit = toOffsetLimit(urlParams)
            const { items, total } = yield* conversations.adminHistory(actor, id, offsetLimit, withMessages)
            return {
              conversations: items.map(({ conversation, messages }) => ({
                ...toConversation(conversation),
                ...(withMessages ? { messages: messages.map(toMessage) } : {}),
              })),
              user: { id, email, display_name },
              ...toPageFields(urlParams, total, items.length),
            }
          }),
        )
        .handle("listAuditLogs", ({ urlParams }) =>
          Effect.gen(function* () {
            const offsetLimit = toOffsetLimit(urlParams)
            const { items, total } = yield* audit.list(yield* CurrentActor, offsetLimit, urlParams.action)
            return { logs: items, skip: offsetLimit.offset, ...toPageFields(urlParams, total, items.length) }
          }),
        )
    }),
})
