import { SqlError } from "@effect/sql"
import { Deferred, Effect, Schedule } from "effect"
import { Client, type ClientConfig, escapeIdentifier } from "pg"
import type { Listen, Notice } from "./Notifications"

/** Listens on a connection of its own; a lost one is made again, and said to be `Missed`. */
export const listenOn = (server: ClientConfig): Listen =>
  Effect.fn("Sql.listen")(function* (channels, on) {
    const ready = yield* Deferred.make<void, SqlError.SqlError>()
    let before = false
    const session = Effect.gen(function* () {
      const { client, lost } = yield* connect(server, on)
      yield* query(client, channels.map((channel) => `listen ${escapeIdentifier(channel)}`).join("; "))
      if (before) on({ _tag: "Missed" })
      before = true
      yield* Deferred.succeed(ready, undefined)
      yield* Effect.raceFirst(Deferred.await(lost), heartbeat(client))
    })
    yield* Effect.scoped(session).pipe(
      Effect.tapError((error) => Deferred.fail(ready, error)),
      Effect.tapError((error) =>
        Effect.logWarning("Lost the database's notifications, listening again", error),
      ),
      Effect.retry(Schedule.jittered(Schedule.spaced("500 millis"))),
      Effect.forkScoped,
    )
    yield* Deferred.await(ready)
  })

const connect = Effect.fnUntraced(function* (server: ClientConfig, on: (notice: Notice) => void) {
  const lost = yield* Deferred.make<never, SqlError.SqlError>()
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new Client(server)),
    (client) =>
      Effect.promise(() => client.end()).pipe(Effect.interruptible, Effect.timeoutOption("1 second")),
  )
  const lose = (cause: unknown) =>
    Deferred.unsafeDone(lost, new SqlError.SqlError({ cause, message: "The connection was lost" }))
  client.on("error", lose)
  client.on("end", () => lose(undefined))
  client.on("notification", ({ channel, payload }) =>
    on({ _tag: "Notified", channel, payload: payload ?? "" }),
  )
  yield* Effect.tryPromise({
    try: () => client.connect(),
    catch: (cause) => new SqlError.SqlError({ cause, message: "Failed to connect" }),
  })
  return { client, lost }
})

/** A connection can die without a word; asking now and then finds out. */
const heartbeat = (client: Client) =>
  query(client, "select 1").pipe(Effect.repeat(Schedule.spaced("30 seconds")), Effect.zipRight(Effect.never))

const query = (client: Client, text: string) =>
  Effect.tryPromise({
    try: () => client.query(text),
    catch: (cause) => new SqlError.SqlError({ cause, message: "Failed to listen" }),
  }).pipe(
    Effect.timeoutFail({
      duration: "10 seconds",
      onTimeout: () => new SqlError.SqlError({ cause: undefined, message: "The connection is silent" }),
    }),
  )
