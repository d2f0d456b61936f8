import * as Reactivity from "@effect/experimental/Reactivity"
import { SqlClient } from "@effect/sql"
import { Context, Effect, Redacted } from "effect"
import { openPglite } from "../../src/infra/pglite/openPglite"
import { openPostgres } from "../../src/infra/postgres/openPostgres"

/**
 * Returns every row of every table as text, by table, with `bytea` in hexadecimal. `env` names the database
 * of a process that has ended.
 */
export const dumpDatabase = (env: Record<string, string>) =>
  Effect.gen(function* () {
    const { DATABASE_URL: url = "", DATA_DIR: dataDir = "" } = env
    const context = yield* url === "" ? openPglite(dataDir) : openPostgres(Redacted.make(url), 1)
    const sql = Context.get(context, SqlClient.SqlClient)
    const tables = yield* sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public'`
    return yield* Effect.forEach(tables, ({ name }) =>
      Effect.map(sql<{ row: string }>`select t::text as row from ${sql(name)} t`, (rows) => ({
        name,
        text: rows.map(({ row }) => row).join("\n"),
      })),
    )
  }).pipe(Effect.scoped, Effect.provide(Reactivity.layer), Effect.orDie)
