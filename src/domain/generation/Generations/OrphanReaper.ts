import { Clock, Duration, Effect } from "effect"
import { Node } from "../../shared/Node"
import { confirmDeadNodes, findDeadNodes, repeatEvery } from "../../shared/Scheduled"
import { RunClosing } from "./GenerationFinalizer"
import { Runs } from "./GenerationRunner"
import { GenerationRepo } from "./Repo"

/** How long the log of an ended run can still be read. */
const logLifetime = Duration.days(7)

/** What nobody asks for and must be done: closing what dead nodes left open, forgetting old logs. */
export class RunHousekeeping extends Effect.Service<RunHousekeeping>()("RunHousekeeping", {
  dependencies: [RunClosing.Default, Runs.Default, GenerationRepo.Default],
  scoped: Effect.gen(function* () {
    const node = yield* Node
    const closing = yield* RunClosing
    const repo = yield* GenerationRepo
    const runs = yield* Runs

    const closeOrphansOf = Effect.fnUntraced(function* (owner: number) {
      const orphans = yield* repo.orphansOf(owner)
      yield* Effect.forEach(orphans, closing.closeOrphan, { concurrency: 8, discard: true })
      yield* Effect.logInfo(`A stopped server had left runs open; closed now: ${orphans.length}`)
    })

    /** Closes the runs of nodes that are gone. */
    const closeOrphans = Effect.gen(function* () {
      const gone = yield* findDeadNodes(node, yield* repo.runningOwners)
      yield* Effect.forEach(gone, closeOrphansOf, { discard: true })
    })

    /** The same, of nodes that are still gone after a while: one that only lost its line comes back. */
    const closeOldOrphans = Effect.gen(function* () {
      const gone = yield* confirmDeadNodes(node, yield* repo.runningOwners)
      yield* Effect.forEach(gone, closeOrphansOf, { discard: true })
    })

    /** Closes runs of this node that it knows nothing of: their beginnings were written and never heard of. */
    const closeStrays = Effect.gen(function* () {
      const strays = Effect.map(repo.orphansOf(node.id), (all) => all.filter(({ id }) => !runs.has(id)))
      const seen = new Set((yield* strays).map(({ id }) => id))
      if (seen.size === 0) return
      yield* Effect.sleep(Duration.seconds(5))
      const lost = (yield* strays).filter(({ id }) => seen.has(id))
      yield* Effect.forEach(lost, closing.closeOrphan, { concurrency: 8, discard: true })
    })

    const forgetOldLogs = Effect.flatMap(Clock.currentTimeMillis, (now) =>
      repo.purgeLogs(new Date(now - Duration.toMillis(logLifetime))),
    )

    yield* closeOrphans
    yield* repeatEvery(Duration.seconds(30), closeOldOrphans)
    yield* repeatEvery(Duration.seconds(10), closeStrays)
    yield* repeatEvery(Duration.hours(1), forgetOldLogs)

    return { closeOrphans }
  }),
}) {}
