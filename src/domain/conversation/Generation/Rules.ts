import { estimatePrompt } from "../../kernel/TokenEstimate"
import type { Message } from "../Conversations/Model"
import type { ModelError, Turn } from "../LanguageModel"

/**
 * What the model is told: the prompt, and before it as much of the conversation's end as fits
 * into `budget` tokens. Messages that say nothing are left out.
 */
export const turnsFor = (
  history: ReadonlyArray<Message>,
  prompt: string,
  budget: number,
): ReadonlyArray<Turn> => {
  const turns: Array<Turn> = [{ role: "user", content: prompt }]
  let left = budget - estimatePrompt(turns)
  for (let i = history.length - 1; i >= 0; i--) {
    const message = history[i]
    if (message === undefined || message.content === "") continue
    const turn: Turn = { role: message.role, content: message.content }
    left -= estimatePrompt([turn])
    if (left < 0) break
    turns.unshift(turn)
  }
  return turns
}

const codes: Record<ModelError["_tag"], string> = {
  ModelRateLimited: "MODEL_RATE_LIMITED",
  ModelAccessDenied: "MODEL_ACCESS_DENIED",
  ModelUnreachable: "MODEL_UNREACHABLE",
  ModelOverloaded: "MODEL_OVERLOADED",
  ModelCutOff: "MODEL_CUT_OFF",
  ModelTimedOut: "MODEL_TIMED_OUT",
  ContentRefused: "CONTENT_REFUSED",
  ContextTooLong: "CONTEXT_TOO_LONG",
  ModelNotFound: "MODEL_NOT_FOUND",
  ModelRequestRejected: "MODEL_REQUEST_REJECTED",
}

/** A provider's failure as readers of a run are told it: a constant, and a sentence to act on. */
export const describeFailure = (error: ModelError) => ({ code: codes[error._tag], message: error.message })

/** What readers are told of a bug; the cause is in the server's log. */
export const internalFailure = {
  code: "INTERNAL_ERROR",
  message: "Something went wrong in the server while it was writing this answer. Try again.",
}
