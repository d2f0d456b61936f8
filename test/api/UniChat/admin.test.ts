import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const nobody = "019bc0f1-0000-7000-8000-000000000001"

/** What the audit log says was done to somebody: the oldest first. */
const done = Effect.fn(function* (admin: string, id: string) {
  const app = yield* App
  const { json } = yield* app.request("GET", "/api/admin/audit-logs?limit=1000", { token: admin })
  const logs: ReadonlyArray<{ action: string; target_id: string; details: unknown }> = Object(json).logs
  return logs
    .filter(({ target_id }) => target_id === id)
    .map(({ action, details }) => [action, details])
    .toReversed()
})

layer(Server.layer())("Administrators", (it) => {
  it.live("see a user, and ban and unban them, as the document shows", () =>
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
      const seen = yield* app.request("GET", path, { token: admin })
      expect([seen.status, seen.json]).toEqual([200, { user }])

      const reason = "Violation of terms of service"
      const banned = yield* app.request("PUT", `${path}/ban`, { token: admin, body: { reason } })
      expect([banned.status, banned.json]).toEqual([200, { message: "User banned", user_id: id, reason }])
      for (const credentials of [{ token }, { cookie }]) {
        const refused = yield* app.request("GET", "/api/users/profile", credentials)
        expect([refused.status, refused.at("code")]).toEqual([401, "UNAUTHORIZED"])
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

      const silent = yield* app.request("PUT", `${path}/ban`, { token: admin })
      expect(silent.json).toEqual({ message: "User banned", user_id: id, reason: "" })
      expect(yield* done(admin, id)).toEqual([
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

layer(Server.layer())("Administrators", (it) => {
  it.live("ban neither themselves nor one another, nor whom there is not", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id } = yield* app.newAdmin()
      const other = yield* app.newAdmin()
      const refusals: ReadonlyArray<readonly [id: string, status: number, code: string]> = [
        [id, 400, "CANNOT_BAN"],
        [other.id, 400, "CANNOT_BAN"],
        [nobody, 404, "USER_NOT_FOUND"],
        ["nobody", 404, "USER_NOT_FOUND"],
      ]
      for (const [whom, status, code] of refusals) {
        const refused = yield* app.request("PUT", `/api/admin/users/${whom}/ban`, { token, body: {} })
        expect([refused.status, refused.at("code")]).toEqual([status, code])
        expect(yield* done(token, whom)).toEqual([])
      }
      expect((yield* app.request("GET", "/api/users/profile", { token: other.token })).status).toBe(200)
      for (const [method, rest, body] of [
        ["GET", "", undefined],
        ["PUT", "/unban", undefined],
        ["PUT", "/limits", { tokens_limit: 1 }],
      ] as const) {
        const refused = yield* app.request(method, `/api/admin/users/${nobody}${rest}`, { token, body })
        expect([refused.status, refused.at("code")]).toEqual([404, "USER_NOT_FOUND"])
      }
    }),
  )

  it.live("ban and unban the same user at once, and the audit log tells in which order", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admins = yield* Effect.all([app.newAdmin(), app.newAdmin()])
      const { id } = yield* app.newUser()
      const path = `/api/admin/users/${id}`
      const steps = admins.flatMap(({ token }, who) =>
        [0, 1, 2].flatMap((turn) => [
          app.request("PUT", `${path}/ban`, { token, body: { reason: `${who}.${turn}` } }),
          app.request("PUT", `${path}/unban`, { token }),
        ]),
      )
      const answers = yield* Effect.all(steps, { concurrency: "unbounded" })
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      const token = admins[0]?.token ?? ""
      const told = yield* done(token, id)
      expect(told.length).toBe(12)
      const [action, details] = told.at(-1) ?? []
      const { json } = yield* app.request("GET", path, { token })
      const { is_banned, ban_reason } = Object(json).user.status
      expect([is_banned, ban_reason]).toEqual(
        action === "ban_user" ? [true, Object(details).reason] : [false, null],
      )
    }),
  )

  it.live("set how much a user may use, whoever else does at the same time", () =>
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
      const told = yield* done(token, id)
      expect(told.slice(0, 2)).toEqual([
        ["update_limits", { tokens_limit: 500_000 }],
        ["update_limits", { tokens_limit: -1 }],
      ])
      const { json } = yield* app.request("GET", `/api/admin/users/${id}`, { token })
      const limits = told.map(([, details]) => Object(details).tokens_limit)
      expect(limits.toSorted()).toEqual([-1, 1, 2, 3, 4, 500_000])
      expect(Object(json).user.usage.tokens_limit).toBe(limits.at(-1))
      for (const tokens_limit of [-2, 1.5, "5", null, 2 ** 53, undefined]) {
        const refused = yield* app.request("PUT", path, { token, body: { tokens_limit } })
        expect([refused.status, refused.at("details.0.field")]).toEqual([400, "tokens_limit"])
      }
      const below = yield* app.request("PUT", path, { token, body: { tokens_limit: -2 } })
      expect(below.at("error")).toBe("tokens_limit must be a whole number, or -1 for no limit")
    }),
  )
})
