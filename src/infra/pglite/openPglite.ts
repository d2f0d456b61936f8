import type { EventEmitter } from "node:events"
import { join } from "node:path"
import { SqlClient, type SqlError } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import type { PGlite } from "@electric-sql/pglite"
import { createPgConfig } from "@electric-sql/pglite/node-postgres"
import { Context, Effect, Runtime, Stream } from "effect"
import { columnTypes } from "../postgres/ColumnTypes"
import { DatabaseUnavailable } from "../postgres/Errors"
import { generateNodeId } from "../postgres/Node"
import { NonCancellingPool } from "../postgres/NonCancellingPool"
import { makeDatabaseContext, type Subscribe } from "../postgres/Notifications"
import { openFolder } from "./createPglite"
import { lockDataDir } from "./DataDirLock"
import { requireDiskSpace, watchDiskSpace } from "./DiskSpace"
import { maintenance } from "./Maintenance"
import { unpackSeed } from "./unpackSeed"

/**
 * Opens the embedded PostgreSQL of a data folder, created if absent, exclusively for this process
 * until the scope closes. It has one session: a query waits while a transaction is open, so never
 * wait inside a transaction for another fiber's query.
 */
export const openPglite = Effect.fn("Pglite.open")(function* (dataDir: string) {
  yield* lockDataDir(dataDir)
  yield* requireDiskSpace(dataDir)
  const folder = join(dataDir, "postgres")
  const database = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        await unpackSeed(folder)
        return openFolder(folder)
      },
      catch: (cause) => new DatabaseUnavailable({ reason: openFailedReason(folder, cause), cause }),
    }),
    (database) => Effect.promise(() => database.close()),
  )
  const context = yield* makePgliteContext(database)
  const sql = Context.get(context, SqlClient.SqlClient)
  yield* watchDiskSpace(sql, folder)
  yield* Effect.forkScoped(maintenance(sql))
  return context
})

/** Makes the context of an open PGlite, which the caller owns and closes. */
export const makePgliteContext = Effect.fnUntraced(function* (database: PGlite) {
  const run = Runtime.runFork(yield* Effect.runtime<never>())
  const client = yield* PgClient.fromPool({
    acquire: Effect.acquireRelease(
      Effect.sync(() => {
        const config = createPgConfig(database)
        yieldToEventLoop(config.connection)
        onFatal(config.connection, (reason) => run(exitProcess(reason)))
        return new NonCancellingPool({ ...config, max: 1, idleTimeoutMillis: 0, types: columnTypes })
      }),
      (pool) => pool.close("5 seconds"),
    ),
  })
  const subscribe: Subscribe = Effect.fnUntraced(function* (channels, onNotification) {
    const handleNotification = (channel: string, payload: string) => {
      if (channels.includes(channel)) onNotification({ _tag: "Received", channel, payload })
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => database.onNotification(handleNotification)),
      (stop) => Effect.sync(stop),
    )
    for (const channel of channels) yield* client`listen ${client(channel)}`
  })
  // The client's own `listen` would open a second connection; PGlite has only one.
  const stream = (channel: string) =>
    Stream.asyncPush<string, SqlError.SqlError>((emit) =>
      subscribe(
        [channel],
        (notification) => notification._tag === "Received" && emit.single(notification.payload),
      ),
    )
  return makeDatabaseContext(Object.assign(client, { listen: stream }), subscribe, yield* generateNodeId)
})

/**
 * Yields to timers and sockets after every query. An embedded query never waits for I/O, so that a
 * series of them would block the event loop until the last one.
 */
const yieldToEventLoop = (connection: EventEmitter) => {
  const emit = connection.emit.bind(connection)
  connection.emit = (event: string | symbol, ...values: Array<unknown>) => {
    if (event !== "readyForQuery") return emit(event, ...values)
    setImmediate(emit, event, ...values)
    return true
  }
}

/** Calls `handleFatal` on a panic: PostgreSQL reports the reason and then never responds again, not even with an error. */
const onFatal = (connection: EventEmitter, handleFatal: (reason: string) => void) => {
  const emit = connection.emit.bind(connection)
  connection.emit = (event: string | symbol, ...values: Array<unknown>) => {
    const [error] = values
    const severity = error instanceof Error && "severity" in error ? error.severity : undefined
    if (error instanceof Error && (severity === "PANIC" || severity === "FATAL")) handleFatal(error.message)
    return emit(event, ...values)
  }
}

/** Exits the process. Safe, because every acknowledged write is on disk for the next start. */
const exitProcess = (reason: string) =>
  Effect.zipRight(
    Effect.annotateLogs(Effect.logFatal("Embedded database failed, exiting"), { reason }),
    Effect.sync(() => process.exit(1)),
  )

const openFailedReason = (folder: string, cause: unknown) =>
  `DATA_DIR: the database in ${folder} cannot be opened (${cause instanceof Error ? cause.message : String(cause)}).`
