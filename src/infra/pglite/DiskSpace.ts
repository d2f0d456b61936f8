import { statfs } from "node:fs/promises"
import type { SqlClient } from "@effect/sql"
import { Effect, Schedule } from "effect"
import { DataDirUnusable } from "../postgres/Errors"

const megabyte = 1024 * 1024

/** Below the first nothing is written any more; from the second on it is again. */
const least = 32 * megabyte
const enough = 40 * megabyte

const freeIn = (folder: string) =>
  Effect.promise(async () => {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  })

/** Refuses a folder whose disk is full from the start. */
export const needRoom = Effect.fnUntraced(function* (folder: string) {
  const free = yield* freeIn(folder)
  if (free >= least) return
  const left = Math.floor(free / megabyte)
  const why = `its disk has ${left} MB left, and ${least / megabyte} are needed`
  return yield* new DataDirUnusable({ folder, why })
})

/**
 * Keeps the embedded database from running into a full disk, which is the end of PostgreSQL, and
 * of its reading too: while there is little room left, it refuses to write (25006) and goes on
 * reading. Looks once a second, which is less than it takes to fill what is kept in reserve.
 */
export const keepRoom = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, folder: string) {
  let full = false
  const look = Effect.gen(function* () {
    const free = yield* freeIn(folder)
    const now = free < (full ? enough : least)
    if (now === full) return
    yield* sql.unsafe(`set default_transaction_read_only = ${now ? "on" : "off"}`)
    full = now
    yield* now
      ? Effect.logError(
          `The disk of DATA_DIR is full (${Math.floor(free / megabyte)} MB left): nothing is written until ${enough / megabyte} MB are free`,
        )
      : Effect.logInfo("The disk of DATA_DIR has room again")
  }).pipe(
    Effect.catchAllCause((cause) =>
      Effect.logWarning("The room on the disk of DATA_DIR is not known", cause),
    ),
  )
  yield* look.pipe(Effect.schedule(Schedule.spaced("1 second")), Effect.forkScoped)
})
