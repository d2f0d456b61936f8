import { Effect } from "effect"
import { Node } from "../../shared/Node"
import { confirmDeadNodes } from "../../shared/Scheduled"
import { UsageRepo } from "./Repo"

/** Releases the reservations of calls whose node died before it settled them. */
export const releaseOrphanedReservations = Effect.gen(function* () {
  const repo = yield* UsageRepo
  const deadNodes = yield* confirmDeadNodes(yield* Node, yield* repo.ownersOfOpenReservations)
  for (const owner of deadNodes) {
    const calls = yield* repo.releaseReservations(owner)
    if (calls === 0) continue
    yield* Effect.annotateLogs(Effect.logInfo("orphaned token reservations released"), { node: owner, calls })
  }
})
