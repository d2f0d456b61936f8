import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Fiber, Layer, Stream } from "effect"
import { ClusterNotifications } from "../../../src/domain/shared/ClusterNotifications"
import { layer as notifications } from "../../../src/infra/postgres/ClusterNotifications"
import * as Database from "../../support/Database"
import { layer } from "../../support/it"

/** Subscribes to a channel. Returns an effect that waits for its first `count` notifications. */
const takeNotifications = Effect.fnUntraced(function* (
  channel: "session_revoked" | "generation_stop",
  count: number,
) {
  const { subscribe } = yield* ClusterNotifications
  const fiber = yield* Effect.fork(Stream.runCollect(Stream.take(subscribe(channel), count)))
  yield* Effect.sleep("20 millis")
  return Effect.map(Fiber.join(fiber), (notifications) => Array.from(notifications))
})

const received = (payload: string) => ({ _tag: "Received" as const, payload })

layer(Layer.provideMerge(notifications, Database.layer))("ClusterNotifications", (it) => {
  it.live("delivers to every subscriber of a channel, in order, with any payload", () =>
    Effect.gen(function* () {
      const { publish } = yield* ClusterNotifications
      const one = yield* takeNotifications("session_revoked", 3)
      const two = yield* takeNotifications("session_revoked", 3)
      const other = yield* takeNotifications("generation_stop", 1)
      yield* publish("session_revoked", "a")
      yield* publish("session_revoked", "")
      yield* publish("generation_stop", "z")
      yield* publish("session_revoked", "'; é 日本 \\")
      const expected = [received("a"), received(""), received("'; é 日本 \\")]
      expect(yield* one).toEqual(expected)
      expect(yield* two).toEqual(expected)
      expect(yield* other).toEqual([received("z")])
    }),
  )

  it.live("delivers when the transaction commits, and never after a rollback", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { publish } = yield* ClusterNotifications
      const pending = yield* takeNotifications("session_revoked", 2)
      const rolledBack = publish("session_revoked", "rolled back").pipe(
        Effect.zipRight(Effect.fail("no")),
        sql.withTransaction,
      )
      yield* Effect.flip(rolledBack)
      const committed = sql`select 1`.pipe(
        Effect.zipRight(publish("session_revoked", "in a transaction")),
        Effect.zipRight(sql`select 2`),
      )
      yield* sql.withTransaction(committed)
      yield* publish("session_revoked", "after")
      expect(yield* pending).toEqual([received("in a transaction"), received("after")])
    }),
  )

  it.live("fails when a notification cannot be published", () =>
    Effect.gen(function* () {
      const { publish } = yield* ClusterNotifications
      const exit = yield* Effect.exit(publish("session_revoked", "x".repeat(9000)))
      expect(exit._tag).toBe("Failure")
    }),
  )

  it.live(
    "reports a gap after a lost connection and resumes delivery",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { publish } = yield* ClusterNotifications
        const gap = yield* takeNotifications("session_revoked", 1)
        const later = yield* takeNotifications("generation_stop", 2)
        const terminated = yield* sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'parley node %' and datname = current_database()`
        expect(terminated).toHaveLength(1)
        expect(yield* gap).toEqual([{ _tag: "Gap" }])
        yield* publish("generation_stop", "again")
        expect(yield* later).toEqual([{ _tag: "Gap" }, received("again")])
      }),
    { skipReason: Database.postgresUnavailable },
  )
})
