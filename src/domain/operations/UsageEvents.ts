import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import type { UsagePeriod } from "./Usage/Model"
import type { NewUsageEvent } from "./UsageEvents/Model"
import { UsageEventsRepo } from "./UsageEvents/Repo"

/** How old a call may be for an event to report it. */
const claimWindow = Duration.minutes(10)

/**
 * Records the model calls that front ends report. A call that the server made itself is in the ledger
 * already, so the event that reports it claims that entry and is not counted again; other events are
 * calls that the front end made. They cost nothing and count towards no limit.
 */
export class UsageEvents extends Effect.Service<UsageEvents>()("UsageEvents", {
  dependencies: [UsageEventsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* UsageEventsRepo
    const ids = yield* IdGenerator

    /** Records an event of a call of a model, which the ledger may have under any of the ids. */
    const record = Effect.fn("UsageEvents.record")(function* (
      actor: Actor,
      event: NewUsageEvent,
      modelIds: ReadonlyArray<string>,
    ) {
      const id = yield* ids.generate
      yield* repo.lockAccount(actor)
      const createdAt = yield* DateTime.nowAsDate
      const since = new Date(createdAt.getTime() - Duration.toMillis(claimWindow))
      yield* repo.insert(actor, { ...event, id, createdAt }, modelIds, since)
      return id
    }, transaction)

    /** Lists the actor's calls by day and model, days ascending: each call once, whoever reported it. */
    const callsByDay = Effect.fn("UsageEvents.callsByDay")((actor: Actor, period: UsagePeriod) =>
      repo.callsByDay(actor, period),
    )

    return { record, callsByDay }
  }),
}) {}
