import type { SqlError } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"
import type { ClientConfig } from "pg"
import { DatabaseUnavailable } from "./Errors"
import { listenOn } from "./Listener"
import { listenerName, newNodeId } from "./Node"
import { PatientPool } from "./NonCancellingPool"
import { databaseServices } from "./Notifications"
import { PreparingClient } from "./PreparedStatementClient"
import { columnTypes } from "./Types"

const oldestVersion = 15

/** How every connection to a server is made. */
const connectionTo = (url: Redacted.Redacted): ClientConfig => ({
  connectionString: Redacted.value(url),
  application_name: "parley",
  options: "-c timezone=UTC",
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  types: columnTypes,
})

/** A server that answered, over at most `size` connections and one to listen, until the scope closes. */
export const serverDatabase = Effect.fn("Sql.server")(function* (url: Redacted.Redacted, size: number) {
  const place = placeOf(url)
  if (place === undefined) {
    return yield* new DatabaseUnavailable({
      reason: "DATABASE_URL: this is no address of the form postgres://user:password@host:port/database.",
    })
  }
  const client = yield* PgClient.fromPool({
    acquire: Effect.acquireRelease(
      Effect.sync(
        () =>
          new PatientPool({
            ...connectionTo(url),
            Client: PreparingClient,
            max: size,
            idleTimeoutMillis: 60_000,
          }),
      ),
      (pool) => pool.close("5 seconds"),
    ),
  })
  yield* suits(client).pipe(
    Effect.mapError((error) => (error instanceof DatabaseUnavailable ? error : unavailable(place, error))),
  )
  const nodeId = yield* newNodeId
  return databaseServices(
    client,
    listenOn({ ...connectionTo(url), application_name: listenerName(nodeId) }),
    nodeId,
  )
})

const suits = Effect.fnUntraced(function* (client: PgClient.PgClient) {
  const [found] = yield* client<{ version: number; encoding: string }>`
    select current_setting('server_version_num')::int / 10000 as version,
      current_setting('server_encoding') as encoding`
  if (found !== undefined && found.version < oldestVersion) {
    return yield* new DatabaseUnavailable({
      reason: `DATABASE_URL: the server is PostgreSQL ${found.version}, and Parley needs ${oldestVersion} or later.`,
    })
  }
  if (found?.encoding !== "UTF8") {
    return yield* new DatabaseUnavailable({
      reason: `DATABASE_URL: the database is encoded in ${found?.encoding}, and Parley needs UTF8.`,
    })
  }
})

const placeOf = (url: Redacted.Redacted) => {
  try {
    const { protocol, host, pathname } = new URL(Redacted.value(url))
    return /^postgres(ql)?:$/.test(protocol)
      ? { host: host || "localhost", database: pathname.slice(1) }
      : undefined
  } catch {
    return undefined
  }
}

/** What the server said may quote the address, and the address holds the password: only codes are told. */
const unavailable = (place: { host: string; database: string }, error: SqlError.SqlError) => {
  const reason = (why: string) => new DatabaseUnavailable({ reason: `DATABASE_URL: ${why}.`, cause: error })
  const code = codeOf(error.cause)
  if (code === "28P01" || code === "28000")
    return reason(`the server at ${place.host} refuses this user or password`)
  if (code === "3D000") return reason(`the server at ${place.host} has no database named ${place.database}`)
  if (code === "53300") return reason(`the server at ${place.host} has no connection left`)
  if (code === "57P03") return reason(`the server at ${place.host} is still starting, or shutting down`)
  if (saysNoTls(error.cause))
    return reason(`the server at ${place.host} speaks no TLS, and sslmode asks for it`)
  return reason(`no usable PostgreSQL server answers at ${place.host}${code === "" ? "" : ` (${code})`}`)
}

/** It has no code. */
const saysNoTls = (cause: unknown) =>
  cause instanceof Error && cause.message === "The server does not support SSL connections"

const codeOf = (cause: unknown): string => {
  if (typeof cause !== "object" || cause === null) return ""
  if ("code" in cause && typeof cause.code === "string") return cause.code
  if ("errors" in cause && Array.isArray(cause.errors)) return codeOf(cause.errors[0])
  return "cause" in cause ? codeOf(cause.cause) : ""
}
