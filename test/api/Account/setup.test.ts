import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import { AdminSetup } from "../../../src/domain/identity/AdminSetup"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/auth/setup"

/** Issues a token, as another start of the server does. */
const newToken = Effect.flatMap(AdminSetup, ({ issue }) => issue)

const submit = (token: string, input: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(App, ({ request }) =>
    request("POST", path, {
      raw: new URLSearchParams({
        token,
        email: "root@example.com",
        name: "Root <1>",
        password: "Secure123",
        ...input,
      }),
    }),
  )

layer(Server.layer())("The setup link", (it) => {
  it.live("creates one administrator, whichever node issued it, and none after that", () =>
    Effect.gen(function* () {
      const { request, newUser } = yield* App
      const { email } = yield* newUser()
      const [first, second] = yield* Effect.all([Effect.flatten(newToken), Effect.flatten(newToken)])
      const show = (token: string) => request("GET", `${path}?token=${token}`)
      expect([(yield* show(first)).status, (yield* show(first)).status]).toEqual([200, 200])
      expect((yield* show("another")).status).toBe(403)

      const weak = yield* submit(first, { password: "weak" })
      expect([weak.status, weak.text]).toEqual([
        422,
        expect.stringContaining("The password must be at least 8 characters."),
      ])
      expect(weak.text).toContain(`value="Root &lt;1&gt;"`)
      expect(weak.text).not.toContain(`value="weak"`)
      expect((yield* submit(first, { email })).status).toBe(409)
      expect((yield* submit("another")).status).toBe(403)

      const racing = [first, second, first].map((token, i) =>
        submit(token, { email: `root${i}@example.com` }),
      )
      const created = yield* Effect.all(racing, { concurrency: "unbounded" })
      expect(created.map(({ status }) => status).sort()).toEqual([200, 403, 403])
      const winner = `root${created.findIndex(({ status }) => status === 200)}@example.com`
      const body = { email: winner, password: "Secure123" }
      const login = yield* request("POST", "/api/auth/login", { body })
      expect([login.status, login.at("user.role")]).toEqual([200, "admin"])
      expect(yield* Effect.all([show(first), show(second)])).toMatchObject([{ status: 403 }, { status: 403 }])
      expect(Option.isNone(yield* newToken)).toBe(true)
      const logs = yield* request("GET", "/v1/admin/audit-logs", { token: login.at("token") })
      expect(logs.json).toMatchObject({
        data: [
          {
            action: "create_admin",
            actor: { email: "operator" },
            details: { source: "setup link" },
            ip: "127.0.0.1",
          },
        ],
      })
    }),
  )

  it.live("expires", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* Effect.orDie(sql`update users set role = 'user'`)
      const token = yield* Effect.flatten(newToken)
      yield* Effect.orDie(sql`update setup_tokens set expires_at = now() - interval '1 second'`)
      expect((yield* submit(token)).status).toBe(403)
    }),
  )
})
