import { Clock, Duration, Effect, Schedule } from "effect"
import { Node } from "../../kernel/Node"
import { RunClosing } from "./Closing"
import { GenerationRepo } from "./Repo"

/** How long the log of an ended run can still be read. */
const logLifetime = Duration.days(7)

/** What nobody asks for and must be done: closing what dead nodes left open, forgetting old logs. */
export class RunHousekeeping extends Effect.Service<RunHousekeeping>()("RunHousekeeping", {
  dependencies: [RunClosing.Default, GenerationRepo.Default],
  scoped: Effect.gen(function* () {
    const node = yield* Node
    const closing = yield* RunClosing
    const repo = yield* GenerationRepo

    /** Closes the runs of nodes that are gone. */
    const closeOrphans = Effect.gen(function* () {
      const owners = yield* repo.runningOwners
      for (const owner of owners) {
        if (owner === node.id || (yield* node.isAlive(owner))) continue
        const orphans = yield* repo.orphansOf(owner)
        yield* Effect.forEach(orphans, closing.closeOrphan, { concurrency: 8, discard: true })
        yield* Effect.logInfo(`Closed ${orphans.length} runs that a stopped server had left open`)
      }
    })

    const forgetOldLogs = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      repo.purgeLogs(new Date(now - Duration.toMillis(logLifetime))),
    )

    const every = (interval: Duration.Duration, work: Effect.Effect<void>) =>
      work.pipe(
        Effect.catchAllCause((cause) => Effect.logWarning("Housekeeping failed; trying again later", cause)),
        Effect.schedule(Schedule.spaced(interval)),
        Effect.forkScoped,
      )

    yield* closeOrphans
    yield* every(Duration.seconds(30), closeOrphans)
    yield* every(Duration.hours(1), forgetOldLogs)

    return { closeOrphans }
  }),
}) {}
