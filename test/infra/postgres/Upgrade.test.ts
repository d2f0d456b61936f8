import { expect } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { ConfigProvider, Context, Effect, Layer } from "effect"
import { layer } from "../../../src/infra/Database"
import { migrate, migrateWith, migrations } from "../../../src/infra/postgres/Migrations"
import { it } from "../../support/it"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parley-upgrade-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

/** Opens a database on disk with all migrations before the named one. */
const migrateUntil = Effect.fn(function* (name: string) {
  const folder = yield* temporaryFolder
  const config = ConfigProvider.fromMap(new Map([["DATA_DIR", folder]]))
  const database = yield* Layer.build(layer.pipe(Layer.provide(Layer.setConfigProvider(config))))
  const earlier = Object.entries(migrations).filter(([other]) => other < name)
  yield* Effect.provide(migrateWith(Object.fromEntries(earlier)), database)
  return { database, sql: Context.get(database, SqlClient.SqlClient) }
})

it.live(
  "0007_costs attributes earlier usage to the days of its use",
  () =>
    Effect.gen(function* () {
      const { database, sql } = yield* migrateUntil("0007_costs")
      const user = Bun.randomUUIDv7()
      yield* sql`
        insert into users (id, email, name, password_hash, created_at)
        values (${user}, 'jane@example.com', 'Jane', '', '2026-01-01Z')`
      yield* sql`
        insert into usage_accounts (user_id, tokens_limit, tokens_used, tokens_reserved)
        values (${user}, -1, 33, 150)`
      for (const [at, settled] of [
        ["2026-01-02T03:00:00Z", "2026-01-02T03:00:05Z"],
        ["2026-01-02T23:59:59Z", "2026-01-03T00:00:03Z"],
        ["2026-01-04T00:00:00Z", "2026-01-04T00:00:05Z"],
        ["2026-01-05T00:00:00Z", null],
      ] as const) {
        yield* sql`
          insert into usage_entries
            (id, user_id, model, reserved_tokens, prompt_tokens, completion_tokens, created_at, settled_at)
          values (${Bun.randomUUIDv7()}, ${user}, 'openai/m', 100, ${settled === null ? 0 : 10},
            ${settled === null ? 0 : 1}, ${at}::timestamptz, ${settled}::timestamptz)`
      }
      yield* Effect.provide(migrate, database)

      const day = { user_id: user, model: "openai/m", cost_usd: "0" }
      expect(yield* sql`select * from usage_days order by day`).toEqual([
        { ...day, day: "2026-01-02", requests: 2, messages: 2, prompt_tokens: 20, completion_tokens: 2 },
        { ...day, day: "2026-01-04", requests: 1, messages: 1, prompt_tokens: 10, completion_tokens: 1 },
      ])
      const totals = yield* sql`
        select sum(prompt_tokens + completion_tokens)::int as tokens, sum(requests)::int as requests
        from usage_totals`
      expect(totals).toEqual([{ tokens: 33, requests: 3 }])
      // Reservations that were never settled and belong to no generation are released.
      expect(yield* sql`select last_used_on, tokens_reserved::int from usage_accounts`).toEqual([
        { last_used_on: "2026-01-04", tokens_reserved: 50 },
      ])
      expect(yield* sql`select cost_usd from usage_entries where cost_usd is not null`).toEqual([])
    }),
  { timeout: 60_000 },
)
