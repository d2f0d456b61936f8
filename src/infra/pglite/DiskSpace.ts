import { statfs } from "node:fs/promises"
import type { SqlClient } from "@effect/sql"
import { Effect, Schedule } from "effect"
import { DataDirUnusable } from "./Errors"

const megabyte = 1024 * 1024

/** Below MIN_FREE_BYTES the database is read-only, until RESUME_BYTES are free again. */
const MIN_FREE_BYTES = 32 * megabyte
const RESUME_BYTES = 40 * megabyte

const freeBytes = (folder: string) =>
  Effect.promise(async () => {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  })

/** Fails with DataDirUnusable if the folder's disk has too little free space to start. */
export const requireDiskSpace = Effect.fnUntraced(function* (folder: string) {
  const free = yield* freeBytes(folder)
  if (free >= MIN_FREE_BYTES) return
  const left = Math.floor(free / megabyte)
  const reason = `its disk has ${left} MB left, and ${MIN_FREE_BYTES / megabyte} MB are needed`
  return yield* new DataDirUnusable({ folder, reason })
})

/**
 * Protects the embedded database from a full disk, which makes PostgreSQL panic and end its reads
 * too: while little space is left, the database is read-only (writes fail with 25006). Checks once a
 * second, faster than the reserve can be filled.
 */
export const watchDiskSpace = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, folder: string) {
  let readOnly = false
  const check = Effect.gen(function* () {
    const free = yield* freeBytes(folder)
    const isFull = free < (readOnly ? RESUME_BYTES : MIN_FREE_BYTES)
    if (isFull === readOnly) return
    yield* sql.unsafe(`set default_transaction_read_only = ${isFull ? "on" : "off"}`)
    readOnly = isFull
    yield* isFull
      ? Effect.annotateLogs(Effect.logError("Disk full, database is read-only"), {
          freeMegabytes: Math.floor(free / megabyte),
          resumeMegabytes: RESUME_BYTES / megabyte,
        })
      : Effect.logInfo("Disk space available, database is writable again")
  }).pipe(Effect.catchAllCause((cause) => Effect.logWarning("Disk space check failed", cause)))
  yield* check.pipe(Effect.schedule(Schedule.spaced("1 second")), Effect.forkScoped)
})
