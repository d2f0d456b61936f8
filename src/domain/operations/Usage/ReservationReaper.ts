import { Effect } from "effect"
import { Node } from "../../shared/Node"
import { confirmDeadNodes } from "../../shared/Scheduled"
import { UsageRepo } from "./Repo"

/** Gives back what calls had reserved whose server was gone before they were over. */
export const releaseLostCalls = Effect.gen(function* () {
  const repo = yield* UsageRepo
  const gone = yield* confirmDeadNodes(yield* Node, yield* repo.unsettledOwners)
  for (const owner of gone) {
    const calls = yield* repo.release(owner)
    if (calls === 0) continue
    yield* Effect.logInfo(`A stopped server had reserved tokens for calls; given back now: ${calls}`)
  }
})
