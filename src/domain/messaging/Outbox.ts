import { DateTime, Duration, Effect } from "effect"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import { repeatEvery } from "../shared/repeatEvery"
import type { Audience, MessagingEvent } from "./Outbox/Model"
import { OutboxRepo } from "./Outbox/Repo"

/** How long events are kept. */
const retention = Duration.days(1)

/**
 * Keeps what happened in channels, direct messages and calls, in the order in which it was committed. A reader
 * that knows a number can read everything after it, on any node.
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
      yield* repo.insert(audience, event, yield* DateTime.nowAsDate)
      yield* notifications.publish("outbox", "")
    })

    /** Deletes the events that are older than the retention. */
    const deleteExpired = Effect.fn("Outbox.deleteExpired")(function* () {
      const now = yield* DateTime.now
      yield* repo.deleteBefore(DateTime.toDate(DateTime.subtractDuration(now, retention)))
    })
    yield* repeatEvery(Duration.hours(1), deleteExpired())

    return { append, deleteExpired, listAfter: repo.listAfter }
  }),
}) {}
