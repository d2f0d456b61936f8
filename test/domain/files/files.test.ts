import { expect } from "bun:test"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Logger, LogLevel } from "effect"
import { Blobs } from "../../../src/domain/files/Blobs"
import { Files } from "../../../src/domain/files/Files"
import { FileId } from "../../../src/domain/files/Files/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { pixel } from "../../support/ScriptedProvider/Wire"
import * as TestLayer from "../../support/testLayer"
import { newActor } from "../../support/testLayer"
import { diskUnavailable, tmpfsDisk } from "../../support/tmpfsDisk"

const folder = mkdtempSync(join(tmpdir(), "parley-files-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

const png = Buffer.from(pixel, "base64")
const bytes = (text: string) => new TextEncoder().encode(text)
const largeBytes = (size: number) => Buffer.alloc(size, "parley ")

/** Lists the names of all stored files below a directory. */
const storedNames = (directory = folder): ReadonlyArray<string> =>
  readdirSync(join(directory, "files"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

const pathOf = (id: string) => join(folder, "files", id.slice(-2), id)
const writeBlob = (id: string, ending = "") => {
  mkdirSync(join(folder, "files", id.slice(-2)), { recursive: true })
  writeFileSync(pathOf(id) + ending, "left behind")
}

const rowsOf = ({ userId }: Actor) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ id: string }>`select id from files where owner_id = ${userId}`,
  )

/** Starts the service again, like a restarted server. */
const restart = Layer.build(Layer.fresh(Blobs.Default)).pipe(Logger.withMinimumLogLevel(LogLevel.None))

const until = <A, E, R>(query: Effect.Effect<A, E, R>, matches: (result: A) => boolean) =>
  query.pipe(Effect.delay("10 millis"), Effect.repeat({ until: matches }))

layer(TestLayer.layer({ DATA_DIR: folder, MAX_FILE_BYTES: "1000" }))("Files", (it) => {
  it.live("detects the media type by the content and sanitizes the name", () =>
    Effect.gen(function* () {
      const files = yield* Files
      const actor = yield* newActor()
      const store = (name: string, content: Uint8Array, mediaType?: string) =>
        Effect.map(files.store(actor, { name, bytes: content, mediaType }), (file) => [
          file.name,
          file.mediaType,
        ])
      expect(yield* store("a.txt", png, "text/plain")).toEqual(["a.txt", "image/png"])
      expect(yield* store("a.csv", bytes("a,b"), "Text/CSV; charset=utf-8")).toEqual(["a.csv", "text/csv"])
      expect(yield* store("a.png", bytes("<svg onload=alert(1)>"), "image/png")).toEqual([
        "a.png",
        "text/plain",
      ])
      expect(yield* store("../../etc/passwd", bytes("x"))).toEqual([".._.._etc_passwd", "text/plain"])
      expect(yield* store("a\u0000\r\nb\u202egpj.exe", bytes("x"))).toEqual(["a_b_gpj.exe", "text/plain"])
      expect(yield* store("", png)).toEqual(["file.png", "image/png"])
      const [long = ""] = yield* store(`${"😀".repeat(150)}a`, bytes("x"))
      expect([long.isWellFormed(), long.endsWith("😀a"), long.length]).toEqual([true, true, 200])
      for (const content of ["MZ\u0000\u0001", "", "x".repeat(1001)]) {
        const failure = yield* Effect.flip(store("a", bytes(content)))
        expect(failure._tag).toBe("InvalidFile")
      }
      expect((yield* Effect.flip(store("a", Uint8Array.of(0xff, 0xfe, 0x41)))).message).toContain(
        "Unsupported file type",
      )
      expect([...storedNames()].sort()).toEqual((yield* rowsOf(actor)).map(({ id }) => id).sort())
    }),
  )

  it.live(
    "stores files concurrently, shows them to their owner only, and deletes them at once with their blobs",
    () =>
      Effect.gen(function* () {
        const files = yield* Files
        const sql = yield* SqlClient.SqlClient
        const [owner, other] = [yield* newActor(), yield* newActor()]
        const created = yield* Effect.forEach(
          Array.from({ length: 20 }, (_, index) => `file ${index}`),
          (text) => Effect.map(files.store(owner, { bytes: bytes(text) }), ({ id }) => ({ id, text })),
          { concurrency: "unbounded" },
        )
        const read = yield* Effect.forEach(created, ({ id }) => files.read(owner, id))
        expect(read.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(
          created.map(({ text }) => text),
        )
        expect(yield* sql`select id from blobs_to_delete`).toEqual([])

        const ids = created.map(({ id }) => id)
        expect(yield* files.remove(other, ids)).toBe(0)
        for (const id of [ids[0] ?? FileId.make(""), FileId.make("../key"), FileId.make("")]) {
          expect((yield* Effect.flip(files.get(other, id)))._tag).toBe("FileNotFound")
          expect((yield* Effect.flip(files.read(other, id)))._tag).toBe("FileNotFound")
        }
        const removed = yield* Effect.all([files.remove(owner, ids), files.remove(owner, ids)], {
          concurrency: "unbounded",
        })
        expect(removed[0] + removed[1]).toBe(20)
        expect(storedNames().filter((name) => ids.some((id) => id === name))).toEqual([])
        expect(yield* sql`select id from blobs_to_delete`).toEqual([])
      }),
  )

  it.live("leaves neither blob nor rows behind when a row cannot be inserted", () =>
    Effect.gen(function* () {
      const files = yield* Files
      const sql = yield* SqlClient.SqlClient
      const actor = yield* newActor()
      const before = storedNames()
      const failingInsert = () => Effect.dieMessage("no row")
      yield* Effect.flip(Effect.sandbox(files.store(actor, { bytes: png }, failingInsert)))
      const failingStatement = () => Effect.orDie(Effect.asVoid(sql`select 1 / 0`))
      yield* Effect.flip(Effect.sandbox(files.store(actor, { bytes: png }, failingStatement)))
      expect(storedNames()).toEqual(before)
      expect(yield* rowsOf(actor)).toEqual([])
      expect(yield* sql`select id from blobs_to_delete`).toEqual([])
    }),
  )

  it.live("collects blobs after the user is deleted or a crash, even if one cannot be removed", () =>
    Effect.gen(function* () {
      const files = yield* Files
      const sql = yield* SqlClient.SqlClient
      const actor = yield* newActor()
      const { id } = yield* files.store(actor, { bytes: png })
      yield* sql`delete from users where id = ${actor.userId}`

      const ids = Array.from({ length: 250 }, () => Bun.randomUUIDv7())
      const [first = "", partial = "", stuck = "", reserved = ""] = ids
      writeBlob(first)
      writeBlob(partial, ".part")
      mkdirSync(join(pathOf(stuck), "not empty"), { recursive: true })
      writeBlob(reserved)
      yield* sql`
        insert into blobs_to_delete (id, due_at)
        select id, case when id = ${reserved}::uuid then now() + interval '1 hour' else now() - interval '1 second' end
        from unnest(${ids}::uuid[]) id`
      yield* restart
      const left = sql<{ id: string }>`select id from blobs_to_delete order by id`
      const leftover = yield* until(left, (rows) => rows.length <= 2)
      expect(leftover.map(({ id }) => id)).toEqual([stuck, reserved].sort())
      const names = storedNames()
      expect([id, first, `${partial}.part`, reserved].map((name) => names.includes(name))).toEqual([
        false,
        false,
        false,
        true,
      ])
      rmSync(pathOf(stuck), { recursive: true })
      yield* sql`delete from blobs_to_delete where id = ${reserved}`
    }),
  )

  it.live(
    "rejects files without leftovers on a full disk, and stores them again once there is space",
    () =>
      Effect.gen(function* () {
        const disk = yield* tmpfsDisk(4)
        const { actor, files, sql } = yield* Layer.build(
          Layer.fresh(TestLayer.layer({ DATA_DIR: disk.folder })),
        ).pipe(
          Effect.flatMap((context) =>
            Effect.provide(
              Effect.all({ actor: newActor(), files: Files, sql: SqlClient.SqlClient }),
              context,
            ),
          ),
        )
        const store = files.store(actor, { bytes: largeBytes(1_000_000) })
        yield* store
        yield* disk.fillLeaving(200_000)
        const before = storedNames(disk.folder)
        const failure = yield* Effect.flip(store)
        expect([failure._tag, failure.message]).toEqual([
          "StorageFailed",
          "The file could not be stored. Try again later.",
        ])
        expect(storedNames(disk.folder)).toEqual(before)
        expect(yield* sql`select count(*)::int as count from files`).toEqual([{ count: 1 }])
        expect(yield* sql`select id from blobs_to_delete`).toEqual([])
        yield* disk.free
        yield* store
      }),
    { timeout: 30_000, skipReason: diskUnavailable },
  )
})
