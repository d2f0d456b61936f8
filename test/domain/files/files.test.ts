import { expect } from "bun:test"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Logger, LogLevel } from "effect"
import { Files } from "../../../src/domain/files/Files"
import { FileId } from "../../../src/domain/files/Files/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { pixel } from "../../support/Provider/Wire"
import * as Domains from "../../support/testLayer"
import { newActor } from "../../support/testLayer"
import { diskUnavailable, tmpfsDisk } from "../../support/tmpfsDisk"

const folder = mkdtempSync(join(tmpdir(), "parley-files-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

const png = Buffer.from(pixel, "base64")
const bytes = (text: string) => new TextEncoder().encode(text)
const much = (size: number) => Buffer.alloc(size, "parley ")

/** The names of all files below a folder. */
const stored = (below = folder): ReadonlyArray<string> =>
  readdirSync(join(below, "files"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

const pathOf = (id: string) => join(folder, "files", id.slice(-2), id)
const write = (id: string, ending = "") => {
  mkdirSync(join(folder, "files", id.slice(-2)), { recursive: true })
  writeFileSync(pathOf(id) + ending, "left behind")
}

const rowsOf = ({ userId }: Actor) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ id: string }>`select id from files where owner_id = ${userId}`,
  )

/** As another start of the server finds things. */
const startAgain = Layer.build(Layer.fresh(Files.Default)).pipe(Logger.withMinimumLogLevel(LogLevel.None))

const until = <A, E, R>(look: Effect.Effect<A, E, R>, good: (found: A) => boolean) =>
  look.pipe(Effect.delay("10 millis"), Effect.repeat({ until: good }))

layer(Domains.layer({ DATA_DIR: folder, MAX_FILE_BYTES: "1000" }))("Files", (it) => {
  it.live("are taken for what they hold, under names that are fit for one", () =>
    Effect.gen(function* () {
      const files = yield* Files
      const actor = yield* newActor()
      const keep = (name: string, content: Uint8Array, mediaType?: string) =>
        Effect.map(files.store(actor, { name, bytes: content, mediaType }), (file) => [
          file.name,
          file.mediaType,
        ])
      expect(yield* keep("a.txt", png, "text/plain")).toEqual(["a.txt", "image/png"])
      expect(yield* keep("a.csv", bytes("a,b"), "Text/CSV; charset=utf-8")).toEqual(["a.csv", "text/csv"])
      expect(yield* keep("a.png", bytes("<svg onload=alert(1)>"), "image/png")).toEqual([
        "a.png",
        "text/plain",
      ])
      expect(yield* keep("../../etc/passwd", bytes("x"))).toEqual([".._.._etc_passwd", "text/plain"])
      expect(yield* keep("a\u0000\r\nb\u202egpj.exe", bytes("x"))).toEqual(["a_b_gpj.exe", "text/plain"])
      expect(yield* keep("", png)).toEqual(["file.png", "image/png"])
      const [long = ""] = yield* keep(`${"😀".repeat(150)}a`, bytes("x"))
      expect([long.isWellFormed(), long.endsWith("😀a"), long.length]).toEqual([true, true, 200])
      for (const refused of ["MZ\u0000\u0001", "", "x".repeat(1001)]) {
        const failure = yield* Effect.flip(keep("a", bytes(refused)))
        expect(failure._tag).toBe("FileRefused")
      }
      expect((yield* Effect.flip(keep("a", Uint8Array.of(0xff, 0xfe, 0x41)))).message).toContain("not taken")
      expect([...stored()].sort()).toEqual((yield* rowsOf(actor)).map(({ id }) => id).sort())
    }),
  )

  it.live("twenty at once are all kept, are their owner's alone, and go at once, from the disk too", () =>
    Effect.gen(function* () {
      const files = yield* Files
      const sql = yield* SqlClient.SqlClient
      const [owner, stranger] = [yield* newActor(), yield* newActor()]
      const kept = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, index) => `file ${index}`),
        (text) => Effect.map(files.store(owner, { bytes: bytes(text) }), ({ id }) => ({ id, text })),
        { concurrency: "unbounded" },
      )
      const read = yield* Effect.forEach(kept, ({ id }) => files.read(owner, id))
      expect(read.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(kept.map(({ text }) => text))
      expect(yield* sql`select id from blobs_to_delete`).toEqual([])

      const ids = kept.map(({ id }) => id)
      expect(yield* files.remove(stranger, ids)).toBe(0)
      for (const id of [ids[0] ?? FileId.make(""), FileId.make("../key"), FileId.make("")]) {
        expect((yield* Effect.flip(files.get(stranger, id)))._tag).toBe("FileNotFound")
        expect((yield* Effect.flip(files.read(stranger, id)))._tag).toBe("FileNotFound")
      }
      const removed = yield* Effect.all([files.remove(owner, ids), files.remove(owner, ids)], {
        concurrency: "unbounded",
      })
      expect(removed[0] + removed[1]).toBe(20)
      expect(stored().filter((name) => ids.some((id) => id === name))).toEqual([])
      expect(yield* sql`select id from blobs_to_delete`).toEqual([])
    }),
  )

  it.live("whose row fails leave nothing, and neither does the row beside theirs", () =>
    Effect.gen(function* () {
      const files = yield* Files
      const sql = yield* SqlClient.SqlClient
      const actor = yield* newActor()
      const before = stored()
      const beside = () => Effect.dieMessage("no row")
      yield* Effect.flip(Effect.sandbox(files.store(actor, { bytes: png }, beside)))
      const late = () => Effect.orDie(Effect.asVoid(sql`select 1 / 0`))
      yield* Effect.flip(Effect.sandbox(files.store(actor, { bytes: png }, late)))
      expect(stored()).toEqual(before)
      expect(yield* rowsOf(actor)).toEqual([])
      expect(yield* sql`select id from blobs_to_delete`).toEqual([])
    }),
  )

  it.live(
    "of users who are gone are cleared away, and what a crash left; one that cannot be hinders none",
    () =>
      Effect.gen(function* () {
        const files = yield* Files
        const sql = yield* SqlClient.SqlClient
        const actor = yield* newActor()
        const { id } = yield* files.store(actor, { bytes: png })
        yield* sql`delete from users where id = ${actor.userId}`

        const ids = Array.from({ length: 250 }, () => Bun.randomUUIDv7())
        const [first = "", half = "", stuck = "", young = ""] = ids
        write(first)
        write(half, ".part")
        mkdirSync(join(pathOf(stuck), "not empty"), { recursive: true })
        write(young)
        yield* sql`
        insert into blobs_to_delete (id, due_at)
        select id, case when id = ${young}::uuid then now() + interval '1 hour' else now() - interval '1 second' end
        from unnest(${ids}::uuid[]) id`
        yield* startAgain
        const left = sql<{ id: string }>`select id from blobs_to_delete order by id`
        const leftover = yield* until(left, (rows) => rows.length <= 2)
        expect(leftover.map(({ id }) => id)).toEqual([stuck, young].sort())
        const names = stored()
        expect([id, first, `${half}.part`, young].map((name) => names.includes(name))).toEqual([
          false,
          false,
          false,
          true,
        ])
        rmSync(pathOf(stuck), { recursive: true })
        yield* sql`delete from blobs_to_delete where id = ${young}`
      }),
  )

  it.live(
    "are refused on a full disk, and nothing of them is left; with room they are kept again",
    () =>
      Effect.gen(function* () {
        const disk = yield* tmpfsDisk(4)
        const { actor, files, sql } = yield* Layer.build(
          Layer.fresh(Domains.layer({ DATA_DIR: disk.folder })),
        ).pipe(
          Effect.flatMap((context) =>
            Effect.provide(
              Effect.all({ actor: newActor(), files: Files, sql: SqlClient.SqlClient }),
              context,
            ),
          ),
        )
        const keep = files.store(actor, { bytes: much(1_000_000) })
        yield* keep
        yield* disk.fillLeaving(200_000)
        const before = stored(disk.folder)
        const refused = yield* Effect.flip(keep)
        expect([refused._tag, refused.message]).toEqual([
          "StorageFailed",
          "The file could not be stored. Try again later.",
        ])
        expect(stored(disk.folder)).toEqual(before)
        expect(yield* sql`select count(*)::int as count from files`).toEqual([{ count: 1 }])
        expect(yield* sql`select id from blobs_to_delete`).toEqual([])
        yield* disk.free
        yield* keep
      }),
    { timeout: 30_000, skipReason: diskUnavailable },
  )
})
