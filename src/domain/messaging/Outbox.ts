import { DateTime, Effect } from "effect"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import type { Audience, MessagingEvent } from "./Outbox/Model"
import { OutboxRepo } from "./Outbox/Repo"

/**
 * Keeps what happened in channels, direct messages and calls, in the order in which it was committed. A reader
 * that knows a number can ask for everything after it, on any node.
 */
export class Outbox extends Effect.Service<Outbox>()("Outbox", {
  dependencies: [OutboxRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* OutboxRepo
    const notifications = yield* ClusterNotifications

    /**
     * Appends an event. Call it last in the transaction that the event tells of: from here until its end,
     * transactions with events of their own wait.
     */
    const append = Effect.fn("Outbox.append")(function* (audience: Audience, event: MessagingEvent) {
      yield* repo.insert(audience, event, yield* DateTime.nowAsDate)
      yield* notifications.publish("outbox", "")
    })

    return { append, listAfter: repo.listAfter }
  }),
}) {}
