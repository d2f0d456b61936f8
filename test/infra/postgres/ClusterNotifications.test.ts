import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Fiber, Layer, Stream } from "effect"
import { ClusterNotifications } from "../../../src/domain/shared/ClusterNotifications"
import { layer as signals } from "../../../src/infra/postgres/ClusterNotifications"
import * as Database from "../../support/Database"
import { layer } from "../../support/it"

/** The first signals of a line, once something has been published that ends the waiting. */
const hearing = Effect.fnUntraced(function* (line: "session_ended" | "generation_stop", count: number) {
  const { subscribe } = yield* ClusterNotifications
  const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(subscribe(line), count)))
  yield* Effect.sleep("20 millis")
  return Effect.map(Fiber.join(fiber), (heard) => Array.from(heard))
})

const heard = (payload: string) => ({ _tag: "Heard" as const, payload })

layer(Layer.provideMerge(signals, Database.layer))("Signals", (it) => {
  it.live("reach every subscriber of their line, in order, whatever the payload", () =>
    Effect.gen(function* () {
      const { publish } = yield* ClusterNotifications
      const one = yield* hearing("session_ended", 3)
      const two = yield* hearing("session_ended", 3)
      const other = yield* hearing("generation_stop", 1)
      yield* publish("session_ended", "a")
      yield* publish("session_ended", "")
      yield* publish("generation_stop", "z")
      yield* publish("session_ended", "'; é 日本 \\")
      const expected = [heard("a"), heard(""), heard("'; é 日本 \\")]
      expect(yield* one).toEqual(expected)
      expect(yield* two).toEqual(expected)
      expect(yield* other).toEqual([heard("z")])
    }),
  )

  it.live("are heard when their transaction commits, and never if it does not", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { publish } = yield* ClusterNotifications
      const listening = yield* hearing("session_ended", 2)
      const undone = publish("session_ended", "undone").pipe(
        Effect.zipRight(Effect.fail("no")),
        sql.withTransaction,
      )
      yield* Effect.flip(undone)
      const committed = sql`select 1`.pipe(
        Effect.zipRight(publish("session_ended", "in a transaction")),
        Effect.zipRight(sql`select 2`),
      )
      yield* sql.withTransaction(committed)
      yield* publish("session_ended", "after")
      expect(yield* listening).toEqual([heard("in a transaction"), heard("after")])
    }),
  )

  it.live("fail loudly when they cannot be published", () =>
    Effect.gen(function* () {
      const { publish } = yield* ClusterNotifications
      const exit = yield* Effect.exit(publish("session_ended", "x".repeat(9000)))
      expect(exit._tag).toBe("Failure")
    }),
  )

  it.live(
    "are said to be missed after the connection was lost, and go on",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { publish } = yield* ClusterNotifications
        const missed = yield* hearing("session_ended", 1)
        const later = yield* hearing("generation_stop", 2)
        const ended = yield* sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'parley node %' and datname = current_database()`
        expect(ended).toHaveLength(1)
        expect(yield* missed).toEqual([{ _tag: "Missed" }])
        yield* publish("generation_stop", "again")
        expect(yield* later).toEqual([{ _tag: "Missed" }, heard("again")])
      }),
    { skipReason: Database.postgresUnavailable },
  )
})
