import { Data } from "effect"

/** The model or the server failed before the answer was complete. The text so far is kept. */
export class GenerationFailed extends Data.TaggedError("GenerationFailed")<{
  /** A constant that identifies the cause: `MODEL_RATE_LIMITED`. */
  readonly code: string
  readonly message: string
  /** Seconds to wait before retrying, if the provider sent them. */
  readonly retryAfter?: number
}> {}

/** The operation does not apply to messages of this role: answers cannot be edited, prompts not regenerated. */
export class InvalidMessageRole extends Data.TaggedError("InvalidMessageRole")<{
  readonly message: string
}> {}
