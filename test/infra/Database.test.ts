import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Exit, Fiber, Layer, Scope } from "effect"
import { Client } from "pg"
import { layer as sqlLayer } from "../../src/infra/Database"
import { migrate } from "../../src/infra/postgres/Migrations"
import * as Database from "../support/Database"
import { it, layer } from "../support/it"
import { withConfig } from "../support/withConfig"

const layerWithConfig = (settings: Record<string, string>) => sqlLayer.pipe(withConfig(settings))

const connectionError = (settings: Record<string, string>) =>
  Effect.scoped(Layer.build(layerWithConfig(settings))).pipe(
    Effect.flip,
    Effect.map((error) => String("message" in error ? error.message : error)),
  )

layer(Database.layer)("Database connection", (it) => {
  it.effect("maps column types to the same values on every database", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql`
        select 9007199254740991::int8 as safe, 9007199254740993::int8 as beyond,
          array[1, null, 2]::int8[] as list, '{}'::int8[] as empty, 1.50::numeric as amount,
          '2024-02-29T12:00:00.123+02:00'::timestamptz as at, '2024-02-29'::date as day,
          '{"a": [1, "é"]}'::jsonb as document, ${"naïve 日本"}::text as text, null::int8 as nothing`
      expect(row).toEqual({
        safe: 9007199254740991,
        beyond: 9007199254740993n,
        list: [1, null, 2],
        empty: [],
        amount: "1.50",
        at: new Date("2024-02-29T10:00:00.123Z"),
        day: "2024-02-29",
        document: { a: [1, "é"] },
        text: "naïve 日本",
        nothing: null,
      })
    }),
  )

  it.effect("sets the application name and uses UTC", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql`
        select current_setting('application_name') as name, current_setting('timezone') as zone,
          '2024-02-29T23:00:00Z'::timestamptz::date as day`
      expect(row).toEqual({ name: "parley", zone: "UTC", day: "2024-02-29" })
    }),
  )
})

layer(Database.layer)("A fiber interrupted during a query", (it) => {
  it.live(
    "releases its connection without failing other fibers' queries",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const others = yield* Effect.fork(
          Effect.repeatN(
            Effect.andThen(sql`select 1`, ([row]) => expect(row).toBeDefined()),
            300,
          ),
        )
        for (let round = 0; round < 20; round++) {
          const queries = Effect.forever(sql`select count(*) from generate_series(1, 100)`)
          const interrupted = yield* Effect.forkAll([queries, sql.withTransaction(queries)])
          yield* Effect.sleep("5 millis")
          yield* Fiber.interrupt(interrupted)
        }
        yield* Fiber.join(others)
      }),
    { timeout: 5_000 },
  )
})

it.live("rejects queries that wait for a connection while the database closes, and later ones", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const context = yield* Scope.extend(Layer.build(Database.layer), scope)
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const busy = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 8 }, () =>
            sql.withTransaction(Effect.zipRight(sql`select 1`, Effect.sleep("200 millis"))),
          ),
          { concurrency: "unbounded", mode: "either" },
        ),
      )
      yield* Effect.sleep("50 millis")
      const waiting = yield* Effect.fork(Effect.flip(sql`select 2`))
      yield* Effect.sleep("20 millis")
      yield* Scope.close(scope, Exit.void)
      expect((yield* Fiber.join(waiting))._tag).toBe("SqlError")
      expect((yield* Effect.flip(sql`select 3`))._tag).toBe("SqlError")
      const outcomes = yield* Fiber.join(busy)
      expect(outcomes.some(({ _tag }) => _tag === "Right")).toBe(true)
      expect(outcomes.some(({ _tag }) => _tag === "Left")).toBe(true)
    }).pipe(Effect.provide(context))
  }),
)

it.live("reports unusable database settings by name, without the password", () =>
  Effect.gen(function* () {
    expect(yield* connectionError({ DATABASE_URL: "postgres://me:secret@127.0.0.1:1/parley" })).toBe(
      "DATABASE_URL: no usable PostgreSQL server responds at 127.0.0.1:1 (ECONNREFUSED).",
    )
    expect(yield* connectionError({ DATABASE_URL: "me:secret@nowhere" })).toBe(
      "DATABASE_URL: expected a URL of the form postgres://user:password@host:port/database.",
    )
    expect(yield* connectionError({ DATABASE_POOL_SIZE: "0" })).toBe(
      "DATABASE_POOL_SIZE must be a whole number from 1 to 1000.",
    )
  }),
)

it.live(
  "reports a database user without the permission to create tables",
  () =>
    Effect.gen(function* () {
      const url = new URL(yield* Effect.promise(Database.serverUrl))
      const guest = `guest${crypto.randomUUID().slice(0, 8)}`
      yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const client = new Client(url.href)
          await client.connect()
          await client.query(`create role ${guest} login password 'welcome'`)
          return client
        }),
        (client) => Effect.promise(() => client.query(`drop role ${guest}`).finally(() => client.end())),
      )
      url.username = guest
      url.password = "welcome"
      const error = yield* Effect.flip(
        Effect.scoped(Effect.provide(migrate, layerWithConfig({ DATABASE_URL: url.href }))),
      )
      expect(String("message" in error ? error.message : error)).toBe(
        "DATABASE_URL: its user lacks the permission to create tables, which migrations need: permission denied for schema public.",
      )
    }),
  { skipReason: Database.postgresUnavailable },
)

it.live(
  "reports why a server rejects a connection",
  () =>
    Effect.gen(function* () {
      const url = yield* Effect.promise(Database.serverUrl)
      const { host } = new URL(url)
      const errorWithUrl = (change: (url: URL) => void) => {
        const changed = new URL(url)
        change(changed)
        return connectionError({ DATABASE_URL: changed.href })
      }
      expect(yield* errorWithUrl((url) => (url.username = "unknown_user"))).toBe(
        `DATABASE_URL: the server at ${host} rejects this user or password.`,
      )
      expect(yield* errorWithUrl((url) => (url.pathname = "/nowhere"))).toBe(
        `DATABASE_URL: the server at ${host} has no database named nowhere.`,
      )
      expect(yield* errorWithUrl((url) => url.searchParams.set("sslmode", "require"))).toBe(
        `DATABASE_URL: the server at ${host} does not support TLS, which sslmode requires.`,
      )
    }),
  { skipReason: Database.postgresUnavailable },
)
