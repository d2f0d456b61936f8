import type { EventEmitter } from "node:events"
import { join } from "node:path"
import { SqlClient, type SqlError } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import type { PGlite } from "@electric-sql/pglite"
import { createPgConfig } from "@electric-sql/pglite/node-postgres"
import { Context, Effect, Runtime, Stream } from "effect"
import { DatabaseUnavailable } from "../postgres/Errors"
import { newNodeId } from "../postgres/Node"
import { PatientPool } from "../postgres/NonCancellingPool"
import { databaseServices, type Listen } from "../postgres/Notifications"
import { columnTypes } from "../postgres/Types"
import { upkeep } from "./Autovacuum"
import { lockDataDir } from "./DataDirLock"
import { keepRoom, needRoom } from "./DiskSpace"
import { openFolder } from "./Pglite"
import { unpackSeed } from "./Seed"

/**
 * The embedded PostgreSQL of a data folder, made there if absent, for this process alone until
 * the scope closes. One session: a query waits while a transaction is open, so never wait inside
 * a transaction for another fiber's query.
 */
export const embeddedDatabase = Effect.fn("Sql.embedded")(function* (dataDir: string) {
  yield* lockDataDir(dataDir)
  yield* needRoom(dataDir)
  const folder = join(dataDir, "postgres")
  const database = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        await unpackSeed(folder)
        return openFolder(folder)
      },
      catch: (cause) => new DatabaseUnavailable({ reason: cannotOpen(folder, cause), cause }),
    }),
    (database) => Effect.promise(() => database.close()),
  )
  const services = yield* databaseOver(database)
  const sql = Context.get(services, SqlClient.SqlClient)
  yield* keepRoom(sql, folder)
  yield* Effect.forkScoped(upkeep(sql))
  return services
})

/** The services of an open PGlite, which the caller keeps and closes. */
export const databaseOver = Effect.fnUntraced(function* (database: PGlite) {
  const run = Runtime.runFork(yield* Effect.runtime<never>())
  const client = yield* PgClient.fromPool({
    acquire: Effect.acquireRelease(
      Effect.sync(() => {
        const config = createPgConfig(database)
        giveWay(config.connection)
        onDeath(config.connection, (reason) => run(endProcess(reason)))
        return new PatientPool({ ...config, max: 1, idleTimeoutMillis: 0, types: columnTypes })
      }),
      (pool) => pool.close("5 seconds"),
    ),
  })
  const listen: Listen = Effect.fnUntraced(function* (channels, on) {
    const heard = (channel: string, payload: string) => {
      if (channels.includes(channel)) on({ _tag: "Notified", channel, payload })
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => database.onNotification(heard)),
      (stop) => Effect.sync(stop),
    )
    for (const channel of channels) yield* client`listen ${client(channel)}`
  })
  // The client's own would open a second connection, and there is only one.
  const stream = (channel: string) =>
    Stream.asyncPush<string, SqlError.SqlError>((emit) =>
      listen([channel], (notice) => notice._tag === "Notified" && emit.single(notice.payload)),
    )
  return databaseServices(Object.assign(client, { listen: stream }), listen, yield* newNodeId)
})

/**
 * Lets timers and sockets have their turn after every query. An embedded query waits for nothing,
 * so that a row of them would keep the event loop to itself to the last.
 */
const giveWay = (connection: EventEmitter) => {
  const emit = connection.emit.bind(connection)
  connection.emit = (event: string | symbol, ...values: Array<unknown>) => {
    if (event !== "readyForQuery") return emit(event, ...values)
    setImmediate(emit, event, ...values)
    return true
  }
}

/** A panic is PostgreSQL's end: it says why, and then answers nobody any more, not even with an error. */
const onDeath = (connection: EventEmitter, died: (reason: string) => void) => {
  const emit = connection.emit.bind(connection)
  connection.emit = (event: string | symbol, ...values: Array<unknown>) => {
    const [error] = values
    const severity = error instanceof Error && "severity" in error ? error.severity : undefined
    if (error instanceof Error && (severity === "PANIC" || severity === "FATAL")) died(error.message)
    return emit(event, ...values)
  }
}

/** All that was acknowledged is on the disk, where the next start finds it. */
const endProcess = (reason: string) =>
  Effect.zipRight(
    Effect.logFatal(`The embedded database has ended, and Parley with it: ${reason}`),
    Effect.sync(() => process.exit(1)),
  )

const cannotOpen = (folder: string, cause: unknown) =>
  `DATA_DIR: the database in ${folder} cannot be opened (${cause instanceof Error ? cause.message : String(cause)}).`
