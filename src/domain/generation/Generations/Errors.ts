import { Data } from "effect"
import type { ModelError } from "../../models/LanguageModel"

/** The generation does not exist or belongs to another user; the two are indistinguishable on purpose. */
export class GenerationNotFound extends Data.TaggedError("GenerationNotFound") {
  override get message() {
    return "There is no such generation."
  }
}

/** The server is shutting down and starts no new generations. */
export class ShuttingDown extends Data.TaggedError("ShuttingDown") {
  override get message() {
    return "The server is shutting down. Try again in a moment."
  }
}

/** The generation ended so long ago that its log was deleted; only its messages remain. */
export class LogExpired extends Data.TaggedError("LogExpired") {
  override get message() {
    return "The log of this generation has expired. Read the conversation's messages instead."
  }
}

/** The error that subscribers receive after an unexpected failure; its cause is in the server's log. */
export const internalError = {
  code: "INTERNAL_ERROR",
  message: "The server failed unexpectedly while generating this answer. Try again.",
}

const codes: Record<ModelError["_tag"], string> = {
  ModelRateLimited: "MODEL_RATE_LIMITED",
  ModelAccessDenied: "MODEL_ACCESS_DENIED",
  ModelUnreachable: "MODEL_UNREACHABLE",
  BaseUrlNotAllowed: "BASE_URL_NOT_ALLOWED",
  InvalidResponse: "INVALID_PROVIDER_RESPONSE",
  ModelOverloaded: "MODEL_OVERLOADED",
  StreamInterrupted: "STREAM_INTERRUPTED",
  EmptyResponse: "EMPTY_RESPONSE",
  ModelTimedOut: "MODEL_TIMED_OUT",
  ContentFiltered: "CONTENT_FILTERED",
  ContextLengthExceeded: "CONTEXT_LENGTH_EXCEEDED",
  ModelNotFound: "MODEL_NOT_FOUND",
  ModelRequestRejected: "MODEL_REQUEST_REJECTED",
}

/** The codes of failures that the prompt itself causes, so that it fails again wherever it is sent. */
export const rejectionCodes = [codes.ModelRequestRejected, codes.ContentFiltered, codes.ContextLengthExceeded]

/** Describes a provider failure to clients: a code, a message, and the seconds to wait if the provider sent them. */
export const describeFailure = (error: ModelError) => {
  const retryAfter = error._tag === "ModelRateLimited" ? error.seconds : undefined
  return {
    code: codes[error._tag],
    message: error.message,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
