import type { SqlError } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"
import type { ClientConfig } from "pg"
import { columnTypes } from "./ColumnTypes"
import { DatabaseUnavailable } from "./Errors"
import { listenOnConnection } from "./Listener"
import { generateNodeId, listenerApplicationName } from "./Node"
import { NonCancellingPool } from "./NonCancellingPool"
import { makeDatabaseContext } from "./Notifications"
import { PreparedStatementClient } from "./PreparedStatementClient"

const MIN_POSTGRES_VERSION = 15

/** The options of every connection to the server. */
const connectionConfig = (url: Redacted.Redacted): ClientConfig => ({
  connectionString: Redacted.value(url),
  application_name: "parley",
  options: "-c timezone=UTC",
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  types: columnTypes,
})

/**
 * Connects to a server until the scope closes, with up to `poolSize` connections for queries and one for
 * notifications. Fails with DatabaseUnavailable if the server does not respond or is unsuitable.
 */
export const openPostgres = Effect.fn("Postgres.open")(function* (url: Redacted.Redacted, poolSize: number) {
  const target = parseUrl(url)
  if (target === undefined) {
    return yield* new DatabaseUnavailable({
      reason: "DATABASE_URL: expected a URL of the form postgres://user:password@host:port/database.",
    })
  }
  const client = yield* PgClient.fromPool({
    acquire: Effect.acquireRelease(
      Effect.sync(
        () =>
          new NonCancellingPool({
            ...connectionConfig(url),
            Client: PreparedStatementClient,
            max: poolSize,
            idleTimeoutMillis: 60_000,
          }),
      ),
      (pool) => pool.close("5 seconds"),
    ),
  })
  yield* checkServer(client).pipe(
    Effect.mapError((error) => (error instanceof DatabaseUnavailable ? error : toUnavailable(target, error))),
  )
  const nodeId = yield* generateNodeId
  return makeDatabaseContext(
    client,
    listenOnConnection({ ...connectionConfig(url), application_name: listenerApplicationName(nodeId) }),
    nodeId,
  )
})

const checkServer = Effect.fnUntraced(function* (client: PgClient.PgClient) {
  const [server] = yield* client<{ version: number; encoding: string }>`
    select current_setting('server_version_num')::int / 10000 as version,
      current_setting('server_encoding') as encoding`
  if (server !== undefined && server.version < MIN_POSTGRES_VERSION) {
    return yield* new DatabaseUnavailable({
      reason: `DATABASE_URL: the server is PostgreSQL ${server.version}, but Parley needs ${MIN_POSTGRES_VERSION} or later.`,
    })
  }
  if (server?.encoding !== "UTF8") {
    return yield* new DatabaseUnavailable({
      reason: `DATABASE_URL: the database is encoded in ${server?.encoding}, but Parley needs UTF8.`,
    })
  }
})

const parseUrl = (url: Redacted.Redacted) => {
  try {
    const { protocol, host, pathname } = new URL(Redacted.value(url))
    return /^postgres(ql)?:$/.test(protocol)
      ? { host: host || "localhost", database: pathname.slice(1) }
      : undefined
  } catch {
    return undefined
  }
}

/** Maps a connection error by its code only: the server's message may quote the URL, which holds the password. */
const toUnavailable = (target: { host: string; database: string }, error: SqlError.SqlError) => {
  const unavailable = (reason: string) =>
    new DatabaseUnavailable({ reason: `DATABASE_URL: ${reason}.`, cause: error })
  const code = errorCode(error.cause)
  if (code === "28P01" || code === "28000")
    return unavailable(`the server at ${target.host} rejects this user or password`)
  if (code === "3D000")
    return unavailable(`the server at ${target.host} has no database named ${target.database}`)
  if (code === "53300") return unavailable(`the server at ${target.host} has no free connection`)
  if (code === "57P03") return unavailable(`the server at ${target.host} is starting up or shutting down`)
  if (isTlsUnsupported(error.cause))
    return unavailable(`the server at ${target.host} does not support TLS, which sslmode requires`)
  return unavailable(
    `no usable PostgreSQL server responds at ${target.host}${code === "" ? "" : ` (${code})`}`,
  )
}

/** Recognizes pg's error for a server without TLS by its message, since it has no code. */
const isTlsUnsupported = (cause: unknown) =>
  cause instanceof Error && cause.message === "The server does not support SSL connections"

const errorCode = (cause: unknown): string => {
  if (typeof cause !== "object" || cause === null) return ""
  if ("code" in cause && typeof cause.code === "string") return cause.code
  if ("errors" in cause && Array.isArray(cause.errors)) return errorCode(cause.errors[0])
  return "cause" in cause ? errorCode(cause.cause) : ""
}
