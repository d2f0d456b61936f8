import { expect } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { migrate, migrateWith, migrations } from "../../../src/infra/postgres/Migrations"
import * as Database from "../../support/Database"
import { it, layer } from "../../support/it"

it.effect("embeds every file of migrations/ under its own name", () =>
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

layer(Database.layer)("Migrations on a current database", (it) => {
  it.effect("applies no migration twice", () =>
    Effect.gen(function* () {
      expect(yield* migrate).toEqual([])
    }),
  )
})

layer(Database.layer)("Pending migrations", (it) => {
  it.effect("applies pending migrations in order and once when several nodes start concurrently", () =>
    Effect.gen(function* () {
      const applied = yield* Effect.all([migrateWith(extra), migrateWith(extra), migrateWith(extra)], {
        concurrency: "unbounded",
      })
      expect(applied.flat().sort()).toEqual(["9001_first", "9002_second"])
      expect(yield* tables).toEqual(["extra2", "extra3"])
    }),
  )
})

layer(Database.layer)("A database migrated by a newer version", (it) => {
  it.effect("rejects a schema that is too new and leaves it unchanged", () =>
    Effect.gen(function* () {
      yield* migrateWith(extra)
      const error = yield* Effect.flip(migrate)
      expect(error.message).toMatch(
        /^The database schema is too new: it has migration 9002, and this version of Parley supports up to \d+[.] Start the newer version, or restore a backup[.]$/,
      )
      expect(yield* migrateWith(extra)).toEqual([])
    }),
  )
})

layer(Database.layer)("A failing migration", (it) => {
  it.effect("rolls back the failing migration and keeps the ones before it", () =>
    Effect.gen(function* () {
      const broken = { ...extra, "9002_broken": "create table extra4 (n int); alter table nowhere add m int" }
      const error = yield* Effect.flip(
        migrateWith({ "9001_first": broken["9001_first"], "9002_broken": broken["9002_broken"] }),
      )
      expect(error.message).toBe(
        'The database migration 9002_broken failed and was rolled back: relation "nowhere" does not exist.',
      )
      expect(yield* tables).toEqual(["extra1", "extra2"])
      expect(yield* migrateWith(extra)).toEqual(["9002_second"])
    }),
  )
})
