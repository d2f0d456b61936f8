import { expect, spyOn } from "bun:test"
import fs, { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import { layer } from "../../../src/infra/Database"
import { checkpoint, vacuum } from "../../../src/infra/pglite/Maintenance"
import { it } from "../../support/it"
import { temporaryFolder } from "../../support/TemporaryFolder"
import { withConfig } from "../../support/withConfig"

/** These tests open several databases on disk. */
const extendedTimeout = { timeout: 60_000 }

const pgliteLayer = (folder: string) => layer.pipe(withConfig({ DATA_DIR: folder }))

it.live(
  "syncs every commit to disk before it returns",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const sql = yield* Effect.map(Layer.build(pgliteLayer(folder)), Context.get(SqlClient.SqlClient))
      yield* sql`create table written (n int)`
      const fdatasync = spyOn(fs, "fdatasyncSync")
      for (let commits = 1; commits <= 3; commits++) {
        yield* sql`insert into written values (${commits})`
        expect(fdatasync).toHaveBeenCalledTimes(commits)
      }
      yield* sql`select * from written`
      expect(fdatasync).toHaveBeenCalledTimes(3)
      fdatasync.mockRestore()
    }),
  extendedTimeout,
)

it.live(
  "repeats a first start that was interrupted",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      mkdirSync(join(folder, "postgres.unfinished/base"), { recursive: true })
      writeFileSync(join(folder, "postgres.unfinished/PG_VERSION"), "half")
      const sql = yield* SqlClient.SqlClient.pipe(Effect.provide(pgliteLayer(folder)))
      expect(sql).toBeDefined()
      expect(existsSync(join(folder, "postgres/PG_VERSION"))).toBe(true)
      expect(existsSync(join(folder, "postgres.unfinished"))).toBe(false)
    }),
  extendedTimeout,
)

it.live(
  "reports the folder and reason when the database cannot be opened",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const database = join(folder, "postgres")
      mkdirSync(database)
      writeFileSync(join(database, "stray"), "")
      const foreignFolder = yield* Effect.flip(Effect.scoped(Layer.build(pgliteLayer(folder))))
      expect(foreignFolder.message).toMatch(
        /^DATA_DIR: the database in .+ cannot be opened \(ENOTEMPTY.*\)[.]$/,
      )

      rmSync(database, { recursive: true })
      yield* Effect.scoped(Layer.build(pgliteLayer(folder)))
      writeFileSync(join(database, "PG_VERSION"), "17\n")
      const olderVersion = yield* Effect.flip(Effect.scoped(Layer.build(pgliteLayer(folder))))
      expect(olderVersion.message).toBe(
        `DATA_DIR: the database in ${database} cannot be opened (database files are incompatible with server).`,
      )
    }),
  extendedTimeout,
)

it.live(
  "rejects a second database layer on the same folder while the first is open",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Layer.build(pgliteLayer(folder))
      const error = yield* Effect.flip(Effect.scoped(Layer.build(pgliteLayer(folder))))
      expect(error._tag).toBe("DataDirLocked")
    }),
  extendedTimeout,
)

it.live(
  "writes a checkpoint after enough WAL, and vacuums dead rows",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const segments = () => readdirSync(join(folder, "postgres/pg_wal")).length
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`create table big (n int primary key, filler text)`
        yield* sql`insert into big select n, repeat('x', 900) from generate_series(1, 20000) n`
        yield* sql`delete from big where n > 100`
        const redo = () => sql<{ at: string }>`select redo_lsn::text as at from pg_control_checkpoint()`
        const [before] = yield* redo()
        yield* checkpoint(sql)
        const [after] = yield* redo()
        expect(after?.at).not.toBe(before?.at)
        yield* checkpoint(sql)
        expect((yield* redo())[0]?.at).toBe(after?.at ?? "")
        expect(segments()).toBeLessThan(40)

        yield* vacuum(sql)
        const [table] = yield* sql<{ dead: number; vacuumed: boolean; analyzed: boolean }>`
        select n_dead_tup as dead, last_vacuum is not null as vacuumed, last_analyze is not null as analyzed
        from pg_stat_user_tables where relname = 'big'`
        expect(table).toEqual({ dead: 0, vacuumed: true, analyzed: true })
      }).pipe(Effect.provide(pgliteLayer(folder)))
    }),
  extendedTimeout,
)
