import { Data } from "effect"
import type { ModelError } from "../../models/LanguageModel"

/** It is not there, or not for this actor to see: the two look alike. */
export class GenerationNotFound extends Data.TaggedError("GenerationNotFound") {
  override get message() {
    return "There is no such generation."
  }
}

/** The server is going down and begins nothing new. */
export class ShuttingDown extends Data.TaggedError("ShuttingDown") {
  override get message() {
    return "The server is shutting down. Try again in a moment."
  }
}

/** It ended so long ago that its log is gone; the messages are all that is left of it. */
export class LogExpired extends Data.TaggedError("LogExpired") {
  override get message() {
    return "The log of this generation is no longer kept. Read the conversation's messages instead."
  }
}

const codes: Record<ModelError["_tag"], string> = {
  ModelRateLimited: "MODEL_RATE_LIMITED",
  ModelAccessDenied: "MODEL_ACCESS_DENIED",
  ModelUnreachable: "MODEL_UNREACHABLE",
  ModelAnswerUnreadable: "MODEL_ANSWER_UNREADABLE",
  ModelOverloaded: "MODEL_OVERLOADED",
  ModelCutOff: "MODEL_CUT_OFF",
  ModelSaidNothing: "MODEL_SAID_NOTHING",
  ModelTimedOut: "MODEL_TIMED_OUT",
  ContentRefused: "CONTENT_REFUSED",
  ContextTooLong: "CONTEXT_TOO_LONG",
  ModelNotFound: "MODEL_NOT_FOUND",
  ModelRequestRejected: "MODEL_REQUEST_REJECTED",
}

/** A provider's failure as readers of a run are told it: a constant, a sentence, and seconds to wait if it said how long. */
export const describeFailure = (error: ModelError) => {
  const retryAfter = error._tag === "ModelRateLimited" ? error.seconds : undefined
  return {
    code: codes[error._tag],
    message: error.message,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
