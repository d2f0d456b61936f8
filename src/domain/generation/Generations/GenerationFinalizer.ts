import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import { Conversations } from "../../conversations/Conversations"
import type { MessageId } from "../../conversations/Conversations/Model"
import type { TokenUsage } from "../../models/LanguageModel"
import { Models } from "../../models/Models"
import { estimateTokens } from "../../shared/TokenEstimate"
import { withTransaction } from "../../shared/Transaction"
import { concatDeltas } from "./EventBuffer"
import { initialEvents } from "./initialEvents"
import type { GenerationEvent, GenerationId, TerminalEvent } from "./Model"
import { GenerationsRepo, type Orphan } from "./Repo"
import { GenerationTransitionsRepo } from "./TransitionsRepo"

interface FinalizeInput {
  readonly id: GenerationId
  readonly model: string
  readonly answerId: MessageId
  /** The events that are not in the database yet, the terminal one last. */
  readonly unpersisted: ReadonlyArray<GenerationEvent>
  readonly terminalEvent: TerminalEvent
  readonly hasContent: boolean
}

/**
 * The distance from an orphan's last persisted event to its terminal event. Exceeds the number of
 * events that the orphan's node may have sent to subscribers without persisting them, so that those
 * subscribers still receive the terminal event.
 */
const ORPHAN_SEQ_GAP = 1_000_000

/**
 * Estimates the usage to charge when the provider reported none. By default an answer without content
 * is not charged for its prompt: whether the model read it is unknown.
 */
export const estimatedUsage = (
  promptTokens: number,
  content: string,
  isPromptCharged = content !== "",
): TokenUsage => ({
  promptTokens: isPromptCharged ? promptTokens : 0,
  completionTokens: estimateTokens(content),
})

/** Ends generations: state, log, answer and usage change in one transaction. */
export class GenerationFinalizer extends Effect.Service<GenerationFinalizer>()("GenerationFinalizer", {
  dependencies: [GenerationTransitionsRepo.Default, GenerationsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const transitions = yield* GenerationTransitionsRepo
    const repo = yield* GenerationsRepo
    const conversations = yield* Conversations
    const models = yield* Models

    /**
     * Persists the end of a generation and deletes its answer if that is empty. Returns false when the
     * generation had ended before or its conversation was deleted.
     */
    const finalize = Effect.fn("GenerationFinalizer.finalize")(function* (input: FinalizeInput) {
      const { id, answerId, hasContent, unpersisted, terminalEvent } = input
      const finish = transitions.finish({
        id,
        answerId,
        state: terminalEvent.type,
        usage: terminalEvent.usage,
        price: models.priceOf(input.model),
        events: unpersisted,
        text: concatDeltas(unpersisted),
        hasContent,
        now: yield* DateTime.nowAsDate,
      })
      if (hasContent) return yield* finish
      return yield* Effect.tap(finish, conversations.deleteMessageIfEmpty(answerId)).pipe(transaction)
    })

    /** Ends a generation whose node died, with the content that the node had persisted. */
    const finalizeOrphan = Effect.fnUntraced(function* (orphan: Orphan) {
      const { id, model, answerId, promptTokens, partialContent, lastSeq } = orphan
      if (lastSeq < 0) yield* repo.append([{ id, events: initialEvents(orphan) }])
      const terminalEvent: TerminalEvent = {
        type: orphan.stopRequested ? "stopped" : "interrupted",
        usage: estimatedUsage(promptTokens, partialContent),
      }
      const unpersisted = [{ ...terminalEvent, seq: Math.max(lastSeq, 1) + ORPHAN_SEQ_GAP }]
      const hasContent = partialContent !== ""
      return yield* finalize({ id, model, answerId, unpersisted, terminalEvent, hasContent })
    })

    return { finalize, finalizeOrphan }
  }),
}) {}
