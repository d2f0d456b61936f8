import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const unknown = "019bc0f1-0000-7000-8000-000000000001"

/** Returns the audited actions on a user, oldest first. */
const auditedActions = Effect.fn(function* (admin: string, id: string) {
  const app = yield* App
  const { json } = yield* app.request("GET", "/api/admin/audit-logs?limit=1000", { token: admin })
  const logs: ReadonlyArray<{ action: string; target_id: string; details: unknown }> = Object(json).logs
  return logs
    .filter(({ target_id }) => target_id === id)
    .map(({ action, details }) => [action, details])
    .toReversed()
})

layer(Server.layer())("User administration", (it) => {
  it.live("shows, bans and unbans a user as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token: admin, id: adminId, email: adminEmail } = yield* app.newAdmin()
      const { id, email, token, password, cookie } = yield* app.newUser()
      const path = `/api/admin/users/${id}`
      const user = {
        id,
        email,
        role: "user",
        profile: { display_name: "John Doe", avatar_url: null, bio: "" },
        usage: { messages_sent: 0, tokens_used: 0, tokens_limit: 100_000 },
        status: { is_banned: false, ban_reason: null, banned_at: null },
        stats: { conversation_count: 0, config_count: 0 },
        created_at: time,
      }
      const shown = yield* app.request("GET", path, { token: admin })
      expect([shown.status, shown.json]).toEqual([200, { user }])

      const reason = "Violation of terms of service"
      const banned = yield* app.request("PUT", `${path}/ban`, { token: admin, body: { reason } })
      expect([banned.status, banned.json]).toEqual([200, { message: "User banned", user_id: id, reason }])
      for (const credentials of [{ token }, { cookie }]) {
        const rejected = yield* app.request("GET", "/api/users/profile", credentials)
        expect([rejected.status, rejected.at("code")]).toEqual([401, "UNAUTHORIZED"])
      }
      const login = { body: { email, password } }
      expect((yield* app.request("POST", "/api/auth/login", login)).status).toBe(403)
      expect((yield* app.request("GET", path, { token: admin })).json).toEqual({
        user: { ...user, status: { is_banned: true, ban_reason: reason, banned_at: time } },
      })

      const unbanned = yield* app.request("PUT", `${path}/unban`, { token: admin })
      expect([unbanned.status, unbanned.json]).toEqual([200, { message: "User unbanned", user_id: id }])
      expect((yield* app.request("GET", path, { token: admin })).json).toEqual({ user })
      expect((yield* app.request("GET", "/api/users/profile", { token })).status).toBe(401)
      expect((yield* app.request("POST", "/api/auth/login", login)).status).toBe(200)

      const withoutReason = yield* app.request("PUT", `${path}/ban`, { token: admin })
      expect(withoutReason.json).toEqual({ message: "User banned", user_id: id, reason: "" })
      expect(yield* auditedActions(admin, id)).toEqual([
        ["ban_user", { reason }],
        ["unban_user", {}],
        ["ban_user", { reason: "" }],
      ])
      const logs = yield* app.request("GET", "/api/admin/audit-logs?action=unban_user", { token: admin })
      const log = {
        id: expect.any(String),
        admin_id: adminId,
        admin_email: adminEmail,
        action: "unban_user",
        target_id: id,
        details: {},
        created_at: time,
      }
      expect([logs.status, logs.json]).toEqual([
        200,
        { logs: [log], total: 1, skip: 0, limit: 50, page: 1, has_more: false },
      ])
      const all = yield* app.request("GET", "/api/admin/audit-logs?action=", { token: admin })
      expect(Object(all.json).total).toBeGreaterThanOrEqual(3)
    }),
  )
})

layer(Server.layer())("User administration", (it) => {
  it.live("rejects bans of the caller, of other administrators and of unknown users", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id } = yield* app.newAdmin()
      const other = yield* app.newAdmin()
      const cases: ReadonlyArray<readonly [id: string, status: number, code: string]> = [
        [id, 400, "CANNOT_BAN"],
        [other.id, 400, "CANNOT_BAN"],
        [unknown, 404, "USER_NOT_FOUND"],
        ["unknown", 404, "USER_NOT_FOUND"],
      ]
      for (const [target, status, code] of cases) {
        const rejected = yield* app.request("PUT", `/api/admin/users/${target}/ban`, { token, body: {} })
        expect([rejected.status, rejected.at("code")]).toEqual([status, code])
        expect(yield* auditedActions(token, target)).toEqual([])
      }
      expect((yield* app.request("GET", "/api/users/profile", { token: other.token })).status).toBe(200)
      for (const [method, rest, body] of [
        ["GET", "", undefined],
        ["PUT", "/unban", undefined],
        ["PUT", "/limits", { tokens_limit: 1 }],
      ] as const) {
        const rejected = yield* app.request(method, `/api/admin/users/${unknown}${rest}`, { token, body })
        expect([rejected.status, rejected.at("code")]).toEqual([404, "USER_NOT_FOUND"])
      }
    }),
  )

  it.live("serializes concurrent bans and unbans in the order of the audit log", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admins = yield* Effect.all([app.newAdmin(), app.newAdmin()])
      const { id } = yield* app.newUser()
      const path = `/api/admin/users/${id}`
      const steps = admins.flatMap(({ token }, adminIndex) =>
        [0, 1, 2].flatMap((turn) => [
          app.request("PUT", `${path}/ban`, { token, body: { reason: `${adminIndex}.${turn}` } }),
          app.request("PUT", `${path}/unban`, { token }),
        ]),
      )
      const responses = yield* Effect.all(steps, { concurrency: "unbounded" })
      expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200))
      const token = admins[0]?.token ?? ""
      const entries = yield* auditedActions(token, id)
      expect(entries.length).toBe(12)
      const [action, details] = entries.at(-1) ?? []
      const { json } = yield* app.request("GET", path, { token })
      const { is_banned, ban_reason } = Object(json).user.status
      expect([is_banned, ban_reason]).toEqual(
        action === "ban_user" ? [true, Object(details).reason] : [false, null],
      )
    }),
  )

  it.live("sets a user's token limit, also under concurrent changes", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const { id } = yield* app.newUser()
      const path = `/api/admin/users/${id}/limits`
      const set = yield* app.request("PUT", path, { token, body: { tokens_limit: 500_000 } })
      expect([set.status, set.json]).toEqual([
        200,
        { message: "User limits updated", user_id: id, tokens_limit: 500_000 },
      ])
      expect((yield* app.request("PUT", path, { token, body: { tokens_limit: -1 } })).status).toBe(200)
      yield* Effect.all(
        [1, 2, 3, 4].map((tokens_limit) => app.request("PUT", path, { token, body: { tokens_limit } })),
        { concurrency: "unbounded" },
      )
      const entries = yield* auditedActions(token, id)
      expect(entries.slice(0, 2)).toEqual([
        ["update_limits", { tokens_limit: 500_000 }],
        ["update_limits", { tokens_limit: -1 }],
      ])
      const { json } = yield* app.request("GET", `/api/admin/users/${id}`, { token })
      const limits = entries.map(([, details]) => Object(details).tokens_limit)
      expect(limits.toSorted()).toEqual([-1, 1, 2, 3, 4, 500_000])
      expect(Object(json).user.usage.tokens_limit).toBe(limits.at(-1))
      for (const tokens_limit of [-2, 1.5, "5", null, 2 ** 53, undefined]) {
        const rejected = yield* app.request("PUT", path, { token, body: { tokens_limit } })
        expect([rejected.status, rejected.at("fields.0.field")]).toEqual([400, "tokens_limit"])
      }
      const below = yield* app.request("PUT", path, { token, body: { tokens_limit: -2 } })
      expect(below.at("error")).toBe("tokens_limit must be a whole number, or -1 for no limit")
    }),
  )
})
