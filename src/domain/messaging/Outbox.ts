import { DateTime, Duration, Effect } from "effect"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import { repeatEvery } from "../shared/repeatEvery"
import type { Audience, MessagingEvent } from "./Outbox/Model"
import { OutboxRepo } from "./Outbox/Repo"

/** How long an event can be replayed. */
const RETENTION = Duration.days(1)
const CLEANUP_INTERVAL = Duration.minutes(10)
const CLEANUP_BATCH = 5_000

/**
 * Keeps what happened in channels, direct messages and calls, in the order in which it was committed. A reader
 * that knows a number can ask for everything after it, on any node, for a day.
 */
export class Outbox extends Effect.Service<Outbox>()("Outbox", {
  dependencies: [OutboxRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* OutboxRepo
    const notifications = yield* ClusterNotifications

    /**
     * Appends an event. Call it last in the transaction that the event describes: from here until its end,
     * transactions with events of their own wait.
     */
    const append = Effect.fn("Outbox.append")(function* (audience: Audience, event: MessagingEvent) {
      yield* notifications.publish("outbox", "")
      yield* repo.insert(audience, event, yield* DateTime.nowAsDate)
    })

    /** Deletes events older than a day. Only their order is indexed, so the oldest go batch by batch. */
    const deleteExpired = Effect.fn("Outbox.deleteExpired")(function* () {
      const before = DateTime.toDate(DateTime.subtractDuration(yield* DateTime.now, RETENTION))
      yield* Effect.repeat(repo.deleteOldest(before, CLEANUP_BATCH), {
        until: (count) => count < CLEANUP_BATCH,
      })
    })
    yield* repeatEvery(CLEANUP_INTERVAL, deleteExpired())

    return {
      append,
      deleteExpired,
      listAfter: repo.listAfter,
      listVisible: repo.listVisible,
      bounds: repo.bounds,
    }
  }),
}) {}
