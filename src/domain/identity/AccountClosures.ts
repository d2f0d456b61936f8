import { SqlClient } from "@effect/sql"
import { Duration, Effect, FiberId, Stream } from "effect"
import { UserId } from "../shared/Actor"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import { findColumn } from "../shared/Rows"
import { repeatEvery } from "../shared/repeatEvery"

/** How long a call may go on if its node misses the notification, or starts it during the ban. */
const checkInterval = Duration.seconds(5)

/**
 * Ends the model calls of users who are banned or deleted, on whatever node they run: their sessions are
 * revoked, but a call goes on without its session, and would spend what nobody pays for. A logout and a
 * suspension end no calls.
 */
export class AccountClosures extends Effect.Service<AccountClosures>()("AccountClosures", {
  scoped: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const notifications = yield* ClusterNotifications
    const callbacks = new Map<UserId, Set<() => void>>()

    /** Calls back once the user is banned or deleted. Returns the function that cancels this. */
    const onClosure = (userId: UserId, callback: () => void) => {
      const ofUser = callbacks.get(userId) ?? new Set()
      callbacks.set(userId, ofUser.add(callback))
      return () => {
        if (ofUser.delete(callback) && ofUser.size === 0) callbacks.delete(userId)
      }
    }

    /** Runs a call, and interrupts its fiber once the user is banned or deleted, after `onClosed`. */
    const interruptOnClosure =
      (userId: UserId, onClosed = () => {}) =>
      <A, E, R>(call: Effect.Effect<A, E, R>) =>
        Effect.withFiberRuntime<A, E, R>((fiber) => {
          const interrupt = () => {
            onClosed()
            fiber.unsafeInterruptAsFork(FiberId.none)
          }
          return Effect.acquireUseRelease(
            Effect.sync(() => onClosure(userId, interrupt)),
            () => call,
            (cancel) => Effect.sync(cancel),
          )
        })

    /** Publishes that a user is banned or deleted. A part of the transaction that does so. */
    const publish = (userId: UserId) => notifications.publish("account_closed", userId)

    /** Asks the database, because notifications may be lost. */
    const endClosed = Effect.gen(function* () {
      const ids = [...callbacks.keys()]
      if (ids.length === 0) return
      const open = new Set(
        yield* sql`select id from users where id = any(${ids}::uuid[]) and status <> 'banned'`.pipe(
          findColumn("id", UserId),
        ),
      )
      for (const id of ids) if (!open.has(id)) for (const callback of callbacks.get(id) ?? []) callback()
    })

    yield* repeatEvery(checkInterval, endClosed)
    yield* Stream.runForEach(notifications.subscribe("account_closed"), () =>
      Effect.catchAllCause(endClosed, (cause) =>
        Effect.logWarning("ending the calls of closed accounts failed; retrying later", cause),
      ),
    ).pipe(Effect.forkScoped)

    return { interruptOnClosure, publish }
  }),
}) {}
