import { expect } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { migrate, migrateWith, migrations } from "../../../src/infra/postgres/Migrations"
import * as Database from "../../support/Database"
import { it, layer } from "../../support/it"

it.effect("every file of migrations/ is embedded, under its own name", () =>
  Effect.sync(() => {
    const folder = join(import.meta.dir, "../../../migrations")
    const files = readdirSync(folder).sort()
    expect(Object.keys(migrations)).toEqual(files.map((file) => file.replace(/[.]sql$/, "")))
    expect(Object.values(migrations)).toEqual(files.map((file) => readFileSync(join(folder, file), "utf8")))
    expect(files.map((file) => Number.parseInt(file, 10))).toEqual(files.map((_, index) => index + 1))
  }),
)

const tables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ name: string }>`
    select relname as name from pg_stat_user_tables where relname like 'extra%' order by 1`
  return rows.map(({ name }) => name)
})

const extra = {
  "9001_first": "create table extra1 (n int); insert into extra1 values (1); create table extra2 (n int)",
  "9002_second": "alter table extra1 rename to extra3",
}

layer(Database.layer)("migrations that were run", (it) => {
  it.effect("are not run again", () =>
    Effect.gen(function* () {
      expect(yield* migrate).toEqual([])
    }),
  )
})

layer(Database.layer)("new migrations", (it) => {
  it.effect("are run in order, once, by whichever node comes first", () =>
    Effect.gen(function* () {
      const ran = yield* Effect.all([migrateWith(extra), migrateWith(extra), migrateWith(extra)], {
        concurrency: "unbounded",
      })
      expect(ran.flat().sort()).toEqual(["9001_first", "9002_second"])
      expect(yield* tables).toEqual(["extra2", "extra3"])
    }),
  )
})

layer(Database.layer)("a database that a newer version has migrated", (it) => {
  it.effect("is refused in one sentence, and left as it is", () =>
    Effect.gen(function* () {
      yield* migrateWith(extra)
      const refused = yield* Effect.flip(migrate)
      expect(refused.message).toMatch(
        /^The database is of a newer Parley: it has migration 9002, and this one knows \d+[.] Start that version, or restore a backup[.]$/,
      )
      expect(yield* migrateWith(extra)).toEqual([])
    }),
  )
})

layer(Database.layer)("a migration that fails", (it) => {
  it.effect("leaves nothing of itself, and what came before it", () =>
    Effect.gen(function* () {
      const broken = { ...extra, "9002_broken": "create table extra4 (n int); alter table nowhere add m int" }
      const failed = yield* Effect.flip(
        migrateWith({ "9001_first": broken["9001_first"], "9002_broken": broken["9002_broken"] }),
      )
      expect(failed.message).toBe(
        'The database migration 9002_broken failed and was undone: relation "nowhere" does not exist.',
      )
      expect(yield* tables).toEqual(["extra1", "extra2"])
      expect(yield* migrateWith(extra)).toEqual(["9002_second"])
    }),
  )
})
