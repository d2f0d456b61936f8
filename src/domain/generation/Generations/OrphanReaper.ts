import { Clock, Duration, Effect } from "effect"
import { confirmDeadNodes, findDeadNodes, Node } from "../../shared/Node"
import { repeatEvery } from "../../shared/repeatEvery"
import { GenerationFinalizer } from "./GenerationFinalizer"
import { GenerationRunner } from "./GenerationRunner"
import { GenerationsRepo } from "./Repo"

/** How long the log of an ended generation can be read. */
const logRetention = Duration.days(7)

/**
 * Finalizes generations that their node left running, and deletes expired logs: at once and regularly,
 * until the scope closes. Returns the effect that finalizes the generations of dead nodes.
 */
export const startOrphanReaper = Effect.gen(function* () {
  const node = yield* Node
  const finalizer = yield* GenerationFinalizer
  const repo = yield* GenerationsRepo
  const runner = yield* GenerationRunner

  const reapOrphansOf = Effect.fnUntraced(function* (owner: number) {
    const orphans = yield* repo.orphansOf(owner)
    yield* Effect.forEach(orphans, finalizer.finalizeOrphan, { concurrency: 8, discard: true })
    yield* Effect.annotateLogs(Effect.logInfo("orphaned generations reaped"), {
      owner,
      count: orphans.length,
    })
  })

  /** Finalizes the generations of dead nodes. */
  const reapOrphans = Effect.gen(function* () {
    const dead = yield* findDeadNodes(node, yield* repo.runningOwners)
    yield* Effect.forEach(dead, reapOrphansOf, { discard: true })
  })

  /**
   * Finalizes the generations of nodes that are still dead after a grace period: a node that only lost
   * its database connection comes back.
   */
  const reapConfirmedOrphans = Effect.gen(function* () {
    const dead = yield* confirmDeadNodes(node, yield* repo.runningOwners)
    yield* Effect.forEach(dead, reapOrphansOf, { discard: true })
  })

  /**
   * Finalizes generations that belong to this node but that it does not run: their start was committed
   * without this node learning of it.
   */
  const reapUntracked = Effect.gen(function* () {
    const untracked = Effect.map(repo.orphansOf(node.id), (rows) => rows.filter(({ id }) => !runner.has(id)))
    const suspects = new Set((yield* untracked).map(({ id }) => id))
    if (suspects.size === 0) return
    yield* Effect.sleep(Duration.seconds(5))
    const confirmed = (yield* untracked).filter(({ id }) => suspects.has(id))
    yield* Effect.forEach(confirmed, finalizer.finalizeOrphan, { concurrency: 8, discard: true })
  })

  const purgeExpiredLogs = Effect.flatMap(Clock.currentTimeMillis, (now) =>
    repo.purgeLogs(new Date(now - Duration.toMillis(logRetention))),
  )

  yield* reapOrphans
  yield* repeatEvery(Duration.seconds(30), reapConfirmedOrphans)
  yield* repeatEvery(Duration.seconds(10), reapUntracked)
  yield* repeatEvery(Duration.hours(1), purgeExpiredLogs)

  return reapOrphans
})
