import { Data } from "effect"

/** The model, or the server, did not bring an answer to its end. What was said before is kept. */
export class AnswerFailed extends Data.TaggedError("AnswerFailed")<{
  /** A constant that says why: `MODEL_RATE_LIMITED`. */
  readonly code: string
  readonly message: string
  /** Seconds to wait before the next try, where the provider told. */
  readonly retryAfter?: number
}> {}

/** An answer cannot be edited, nor a prompt written anew by a model. */
export class WrongMessage extends Data.TaggedError("WrongMessage")<{ readonly message: string }> {}
