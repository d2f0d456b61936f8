import { Effect } from "effect"
import { App } from "../../support/App"
import type { Recorder } from "../Recorder"
import { appoint, join } from "./Named"
import { nowhere } from "./People"

/** An administrator looks at somebody, bans them, lets them in again, and reads what they said. */
export const tellAdmin = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const app = yield* App
  const { id: adminId, token } = yield* appoint("admin@example.com")
  const jane = yield* join("Jane Roe", "jane@example.com")
  yield* app.sendPrompt(jane, yield* app.newChat(jane, "Haiku"), "Write a haiku")
  const other = yield* join("John Doe", "john@example.com")

  const path = { id: jane.id }
  const others = { token: other.token }
  const admins = { token }
  yield* ask("UniChat.listUsers", "ADMIN_REQUIRED", "Somebody else", others)
  yield* ask("UniChat.listUsers", "VALIDATION_ERROR", "Neither true nor false", {
    ...admins,
    query: { include_banned: "maybe" },
  })
  yield* secured("UniChat.listUsers", "found", "By name", { ...admins, query: { search: "jane r" } })
  yield* ask("UniChat.getUser", "ADMIN_REQUIRED", "Somebody else", { ...others, path })
  yield* ask("UniChat.getUser", "USER_NOT_FOUND", "There is none", { ...admins, path: nowhere })
  yield* secured("UniChat.getUser", "user", "One of them", { ...admins, path })

  const history = "UniChat.getUserHistory"
  yield* ask(history, "ADMIN_REQUIRED", "Somebody else", { ...others, path })
  yield* ask(history, "USER_NOT_FOUND", "There is none", { ...admins, path: nowhere })
  yield* ask(history, "VALIDATION_ERROR", "A page that is none", { ...admins, path, query: { page: "0" } })
  yield* secured(history, "read", "With messages", { ...admins, path, query: { include_messages: "true" } })

  const reason = { reason: "Violation of terms of service" }
  const writes = [
    ["UniChat.banUser", "banned", { body: reason }],
    ["UniChat.unbanUser", "unbanned", {}],
    ["UniChat.setUserLimits", "changed", { body: { tokens_limit: 500_000 } }],
  ] as const
  for (const [operation, name, request] of writes) {
    yield* ask(operation, "ADMIN_REQUIRED", "Somebody else", { ...others, path, ...request })
    yield* ask(operation, "USER_NOT_FOUND", "There is none", { ...admins, path: nowhere, ...request })
    yield* secured(operation, name, "At once", { ...admins, path, ...request })
  }
  yield* ask("UniChat.banUser", "CANNOT_BAN", "Whoever asks", {
    ...admins,
    path: { id: adminId },
    body: reason,
  })
  yield* ask("UniChat.setUserLimits", "VALIDATION_ERROR", "Less than no limit", {
    ...admins,
    path,
    body: { tokens_limit: -2 },
  })

  const logs = "UniChat.listAuditLogs"
  yield* ask(logs, "ADMIN_REQUIRED", "Somebody else", others)
  yield* ask(logs, "VALIDATION_ERROR", "A number that is none", { ...admins, query: { skip: "-1" } })
  yield* secured(logs, "bans", "One kind of action", { ...admins, query: { action: "ban_user" } })
})
