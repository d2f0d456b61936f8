import { SqlError } from "@effect/sql"
import { Deferred, Effect, Schedule } from "effect"
import { Client, type ClientConfig, escapeIdentifier } from "pg"
import type { PgNotification, Subscribe } from "./Notifications"

/** Listens on a dedicated connection. Reconnects after a loss and then reports a `Gap`. */
export const listenOnConnection = (server: ClientConfig): Subscribe =>
  Effect.fn("Postgres.listen")(function* (channels, onNotification) {
    const ready = yield* Deferred.make<void, SqlError.SqlError>()
    let connectedBefore = false
    const session = Effect.gen(function* () {
      const { client, connectionLost } = yield* connect(server, onNotification)
      yield* query(client, channels.map((channel) => `listen ${escapeIdentifier(channel)}`).join("; "))
      if (connectedBefore) onNotification({ _tag: "Gap" })
      connectedBefore = true
      yield* Deferred.succeed(ready, undefined)
      yield* Effect.raceFirst(Deferred.await(connectionLost), heartbeat(client))
    })
    yield* Effect.scoped(session).pipe(
      Effect.tapError((error) => Deferred.fail(ready, error)),
      Effect.tapError((error) =>
        Effect.logWarning("Database notification listener disconnected, reconnecting", error),
      ),
      Effect.retry(Schedule.jittered(Schedule.spaced("500 millis"))),
      Effect.forkScoped,
    )
    yield* Deferred.await(ready)
  })

const connect = Effect.fnUntraced(function* (
  server: ClientConfig,
  onNotification: (notification: PgNotification) => void,
) {
  const connectionLost = yield* Deferred.make<never, SqlError.SqlError>()
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new Client(server)),
    (client) =>
      Effect.promise(() => client.end()).pipe(Effect.interruptible, Effect.timeoutOption("1 second")),
  )
  const fail = (cause: unknown) =>
    Deferred.unsafeDone(connectionLost, new SqlError.SqlError({ cause, message: "The connection was lost" }))
  client.on("error", fail)
  client.on("end", () => fail(undefined))
  client.on("notification", ({ channel, payload }) =>
    onNotification({ _tag: "Received", channel, payload: payload ?? "" }),
  )
  yield* Effect.tryPromise({
    try: () => client.connect(),
    catch: (cause) => new SqlError.SqlError({ cause, message: "Failed to connect" }),
  })
  return { client, connectionLost }
})

/** Queries periodically: a connection can die without an event. */
const heartbeat = (client: Client) =>
  query(client, "select 1").pipe(Effect.repeat(Schedule.spaced("30 seconds")), Effect.zipRight(Effect.never))

const query = (client: Client, text: string) =>
  Effect.tryPromise({
    try: () => client.query(text),
    catch: (cause) => new SqlError.SqlError({ cause, message: "Failed to listen" }),
  }).pipe(
    Effect.timeoutFail({
      duration: "10 seconds",
      onTimeout: () =>
        new SqlError.SqlError({ cause: undefined, message: "The connection does not respond" }),
    }),
  )
