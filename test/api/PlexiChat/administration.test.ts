import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Logger, LogLevel } from "effect"
import { SystemHealth } from "../../../src/domain/chat/SystemHealth"
import { BlobStore, StorageFailed } from "../../../src/domain/files/BlobStore"
import { Users } from "../../../src/domain/identity/Users"
import { Health } from "../../../src/domain/operations/Health"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer, it as test } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const adminToken = Effect.gen(function* () {
  const app = yield* App
  const credentials = { email: "root@example.com", password: "SecurePass123!" }
  yield* Effect.ignore((yield* Users).createAdmin({ ...credentials, name: "Root" }))
  return (yield* app.request("POST", "/api/auth/login", { body: credentials })).at("token")
})

layer(Server.layer())("PlexiChat administration", (it) => {
  it.live("counts users, channels, messages and files", () =>
    Effect.gen(function* () {
      const app = yield* App
      const token = yield* adminToken
      const before = (yield* app.request("GET", "/v1/admin/stats", { token })).json as {
        readonly data: { readonly totals: Record<string, number> }
      }
      const user = yield* app.newUser()
      yield* app.request("POST", "/v1/channels", { token: user.token, body: { name: "general" } })
      yield* app.request("POST", "/v1/organizations", { token: user.token, body: { name: "Engines" } })
      const { totals } = before.data
      const stats = yield* app.request("GET", "/v1/admin/stats", { token })
      expect([stats.status, stats.json]).toMatchObject([
        200,
        {
          data: {
            totals: {
              users: (totals["users"] ?? 0) + 1,
              channels: (totals["channels"] ?? 0) + 1,
              organizations: (totals["organizations"] ?? 0) + 1,
              stored_bytes: totals["stored_bytes"],
            },
            uptime_seconds: expect.any(Number),
          },
        },
      ])
    }),
  )

  it.live("reports the health of every component", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { status, json } = yield* app.request("GET", "/v1/admin/health", { token: yield* adminToken })
      const components = { database: "healthy", storage: "healthy", providers: {}, queue: { pending: 0 } }
      expect([status, json]).toMatchObject([200, { data: { status: "healthy", components } }])
    }),
  )

  it.live("selects audit entries by action, administrator and time", () =>
    Effect.gen(function* () {
      const app = yield* App
      const token = yield* adminToken
      const user = yield* app.newUser()
      const body = { reason: "Spam" }
      yield* app.request("PUT", `/api/admin/users/${user.id}/ban`, { token, body })
      const list = (query: string) => app.request("GET", `/v1/admin/audit-logs${query}`, { token })
      const listed = yield* list("?action=ban_user")
      expect(listed.json).toMatchObject({
        data: [
          {
            actor: { email: "root@example.com" },
            action: "ban_user",
            target: user.id,
            details: { reason: "Spam" },
            ip: "127.0.0.1",
          },
        ],
        pagination: { total: 1 },
      })
      const total = (response: { readonly json: unknown }) =>
        (response.json as { readonly pagination: { readonly total: number } }).pagination.total
      const own = listed.at("data.0.actor.id")
      expect(total(yield* list(`?action=ban_user&user_id=${own}`))).toBe(1)
      expect(total(yield* list(`?action=ban_user&user_id=${user.id}`))).toBe(0)
      expect(total(yield* list("?action=ban_user&from=2000-01-01&to=2000-01-02"))).toBe(0)
      expect(total(yield* list("?action=ban_user&from=2000-01-01"))).toBe(1)
      expect((yield* list("?from=yesterday")).status).toBe(400)
    }),
  )
})

test.live("System health is degraded while deleted files pile up in storage", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const check = (yield* SystemHealth).check(yield* TestLayer.newActor("admin"))
    expect(yield* check).toMatchObject({ status: "healthy", queue: { pending: 0 } })
    const enqueue = sql`insert into blobs_to_delete (id) select gen_random_uuid() from generate_series(1, 1001)`
    // One transaction, so that the collector cannot delete them before they are counted.
    const counted = yield* sql.withTransaction(Effect.zipRight(enqueue, check))
    expect(counted).toMatchObject({ status: "degraded", queue: { pending: 1001 } })
  }).pipe(Effect.provide(TestLayer.layer()), Effect.scoped),
)

/** Accepts no file. */
const fullDisk = Layer.succeed(BlobStore, {
  put: () => Effect.fail(new StorageFailed({ cause: "disk full" })),
  open: () => Effect.succeedNone,
  remove: () => Effect.void,
})

test.live("System health fails when files cannot be stored", () =>
  Effect.gen(function* () {
    const admin = yield* TestLayer.newActor("admin")
    const health = SystemHealth.Default.pipe(
      Layer.provide(Layer.fresh(Health.Default)),
      Layer.provide(fullDisk),
    )
    const failed = yield* Effect.flip(
      Effect.provide(
        Effect.flatMap(SystemHealth, (service) => service.check(admin)),
        Layer.fresh(health),
      ),
    )
    expect(failed).toMatchObject({ _tag: "Unhealthy", message: "Unavailable: storage." })
  }).pipe(Logger.withMinimumLogLevel(LogLevel.None), Effect.provide(TestLayer.layer()), Effect.scoped),
)
