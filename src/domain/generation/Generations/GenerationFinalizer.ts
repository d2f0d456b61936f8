import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { MessageId } from "../../conversations/Conversations/Model"
import type { TokenUsage } from "../../models/LanguageModel"
import { Models } from "../../models/Models"
import { estimateTokens } from "../../shared/TokenEstimate"
import { withTransaction } from "../../shared/Transaction"
import { textOf } from "./EventBuffer"
import { openingEvents } from "./initialEvents"
import type { Ending, GenerationEvent, GenerationId } from "./Model"
import { GenerationRepo, type Orphan } from "./Repo"
import { Transitions } from "./TransitionsRepo"

interface Closing {
  readonly id: GenerationId
  readonly model: string
  readonly answerId: MessageId
  /** What the log has that the database has not, the ending last. */
  readonly unsaved: ReadonlyArray<GenerationEvent>
  readonly ending: Ending
  readonly saidAnything: boolean
}

/**
 * How far after the last stored event an orphan's ending stands: beyond all that its node may have
 * told readers and not have written down, so that one of those still hears how it ended.
 */
const neverWritten = 1_000_000

/**
 * What a run is charged when its provider did not say: an estimate of what it read and said. Nothing
 * was read, as far as anyone knows, if it failed before it said anything.
 */
export const estimatedUsage = (promptTokens: number, said: string, wasRead = said !== ""): TokenUsage => ({
  promptTokens: wasRead ? promptTokens : 0,
  completionTokens: estimateTokens(said),
})

/** How runs end: state, log, answer and ledger change together or not at all. */
export class RunClosing extends Effect.Service<RunClosing>()("RunClosing", {
  dependencies: [Transitions.Default, GenerationRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const transitions = yield* Transitions
    const repo = yield* GenerationRepo
    const conversations = yield* Conversations
    const models = yield* Models

    /** False when the run had been ended already, or its conversation deleted. */
    const close = Effect.fn("RunClosing.close")(function* (run: Closing) {
      const { id, answerId, saidAnything, unsaved: events, ending } = run
      const now = yield* DateTime.nowAsDate
      const ended = transitions.end({
        id,
        answerId,
        outcome: ending.type,
        usage: ending.usage,
        price: models.priceOf(run.model),
        events,
        text: textOf(events),
        saidAnything,
        now,
      })
      if (saidAnything) return yield* ended
      return yield* Effect.tap(ended, conversations.withdrawEmptyAnswer(answerId)).pipe(transaction)
    })

    /** Ends a run whose node is gone with what it had written down: all that readers can rely on. */
    const closeOrphan = Effect.fnUntraced(function* (orphan: Orphan) {
      const { id, model, answerId, promptTokens, said, lastSeq } = orphan
      if (lastSeq < 0) yield* repo.append([{ id, events: openingEvents(orphan) }])
      const ending: Ending = {
        type: orphan.stopRequested ? "stopped" : "interrupted",
        usage: estimatedUsage(promptTokens, said),
      }
      const unsaved = [{ ...ending, seq: Math.max(lastSeq, 1) + neverWritten }]
      return yield* close({ id, model, answerId, unsaved, ending, saidAnything: said !== "" })
    })

    return { close, closeOrphan }
  }),
}) {}
