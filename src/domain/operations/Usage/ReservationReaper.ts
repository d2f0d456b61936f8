import { type Context, Effect } from "effect"
import { confirmDeadNodes, type Node } from "../../shared/Node"
import type { UsageRepo } from "./Repo"

/** Releases the reservations of calls whose node died before it settled them. */
export const releaseOrphanedReservations = Effect.fnUntraced(function* (
  repo: UsageRepo,
  node: Context.Tag.Service<Node>,
) {
  const deadNodes = yield* confirmDeadNodes(node, yield* repo.ownersOfOpenReservations)
  for (const owner of deadNodes) {
    const calls = yield* repo.releaseReservations(owner)
    if (calls === 0) continue
    yield* Effect.annotateLogs(Effect.logInfo("orphaned token reservations released"), { node: owner, calls })
  }
})
