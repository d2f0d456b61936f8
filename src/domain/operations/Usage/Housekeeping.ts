import { DateTime, Effect } from "effect"
import { goneForGood } from "../../kernel/Housekeeping"
import { Node } from "../../kernel/Node"
import { UsageRepo } from "./Repo"

/** What nobody answered costs nobody anything. */
const nothing = { promptTokens: 0, completionTokens: 0 }

/** Gives back what calls had reserved whose server was gone before they were over. */
export const settleLostCalls = Effect.gen(function* () {
  const repo = yield* UsageRepo
  const gone = yield* goneForGood(yield* Node, yield* repo.unsettledOwners)
  for (const owner of gone) {
    const lost = yield* repo.unsettledOf(owner)
    const now = yield* DateTime.nowAsDate
    yield* Effect.forEach(lost, (id) => repo.settle(id, nothing, null, now), { discard: true })
    yield* Effect.logInfo(`A stopped server had reserved tokens for calls; given back now: ${lost.length}`)
  }
})
