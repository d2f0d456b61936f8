import { DateTime, Duration, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import { ProcessStats } from "./ProcessStats"
import { StatisticsRepo } from "./Statistics/Repo"

/** How long ago a user may have used a model to count as active. */
const activePeriod = Duration.days(30)

/** Counts what there is on the server, and says what this process uses. */
export class Statistics extends Effect.Service<Statistics>()("Statistics", {
  dependencies: [StatisticsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* StatisticsRepo
    const process = yield* ProcessStats

    /** Returns the totals of the database and the resources of this process. Requires an administrator. */
    const get = Effect.fn("Statistics.get")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      const now = yield* DateTime.now
      const since = DateTime.toDate(DateTime.subtractDuration(now, activePeriod))
      return yield* Effect.all({ totals: repo.totals(since), process: process.usage }, { concurrency: 2 })
    })

    return { get }
  }),
}) {}
