import { expect } from "bun:test"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { ConfigProvider, Effect, Layer } from "effect"
import { layer } from "../../../src/infra/Sql/Sql"
import { checkpoint, vacuum } from "../../../src/infra/Sql/Upkeep"
import { it } from "../../support/it"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parley-embedded-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

const embedded = (folder: string) =>
  layer.pipe(Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", folder]])))))

const writer = (folder: string) =>
  Bun.spawn([process.execPath, join(import.meta.dir, "programs/write.ts")], {
    env: { ...process.env, DATA_DIR: folder, DATABASE_URL: "" },
    stdout: "pipe",
    stderr: "inherit",
  })

/** Lets it say at least `count` numbers, kills it in the middle of its work, and gives the last. */
const killAfter = async (child: ReturnType<typeof writer>, count: number) => {
  let said = ""
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text
    if (said.split("\n").length > count) child.kill("SIGKILL")
  }
  await child.exited
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1))
}

it.live(
  "what was committed outlives kill -9",
  () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (let round = 0; round < 3; round++) {
        const last = yield* Effect.promise(() => killAfter(writer(folder), 20))
        const [found] = yield* Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ rows: number; last: number }>`select count(*) as rows, max(n) as last from written`,
        ).pipe(Effect.provide(embedded(folder)))
        expect(found?.last).toBeGreaterThanOrEqual(last)
        expect(found?.rows).toBe(found?.last ?? 0)
      }
    }),
  { timeout: 60_000 },
)

it.live("a first start that died half-way is repeated", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    mkdirSync(join(folder, "postgres.unfinished/base"), { recursive: true })
    writeFileSync(join(folder, "postgres.unfinished/PG_VERSION"), "half")
    const sql = yield* SqlClient.SqlClient.pipe(Effect.provide(embedded(folder)))
    expect(sql).toBeDefined()
    expect(existsSync(join(folder, "postgres/PG_VERSION"))).toBe(true)
    expect(existsSync(join(folder, "postgres.unfinished"))).toBe(false)
  }),
)

it.live("a database that cannot be opened is named in one sentence", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    mkdirSync(join(folder, "postgres"))
    const refused = yield* Effect.flip(Layer.build(embedded(folder)))
    expect(refused.message).toStartWith(
      `DATA_DIR: the database in ${join(folder, "postgres")} cannot be opened (`,
    )
    expect(refused.message).not.toContain("\n")
  }),
)

it.live("a second layer on the same folder is refused while the first is open", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* Layer.build(embedded(folder))
    const refused = yield* Effect.flip(Effect.scoped(Layer.build(embedded(folder))))
    expect(refused._tag).toBe("DataDirLocked")
  }),
)

it.live("a log that grew is closed by a checkpoint, and dead rows are vacuumed", () =>
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
    }).pipe(Effect.provide(embedded(folder)))
  }),
)
