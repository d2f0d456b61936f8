import type { ModelError } from "../LanguageModel"

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
