import { Data } from "effect"
import { describeFailure } from "../../generation/Generations/Errors"
import type { ModelError } from "../../models/LanguageModel"

/** The request cannot be answered as it is: the provider, its content filter or its context window reject it. */
export class CompletionRejected extends Data.TaggedError("CompletionRejected")<{
  readonly code: string
  readonly message: string
}> {}

/** The provider is rate limiting the caller; `retryAfter` is in seconds, if the provider sent it. */
export class CompletionRateLimited extends Data.TaggedError("CompletionRateLimited")<{
  readonly code: string
  readonly message: string
  readonly retryAfter?: number
}> {}

/** The provider is not configured, cannot be reached, or failed before it sent any text. */
export class CompletionUnavailable extends Data.TaggedError("CompletionUnavailable")<{
  readonly code: string
  readonly message: string
}> {}

/** Sorts a provider's failure by what the caller can do: change the request, wait, or use another provider. */
export const toCompletionError = (error: ModelError) => {
  const failure = describeFailure(error)
  switch (error._tag) {
    case "ModelRateLimited":
      return new CompletionRateLimited(failure)
    case "BaseUrlNotAllowed":
    case "ContentFiltered":
    case "ContextLengthExceeded":
    case "ModelNotFound":
    case "ModelRequestRejected":
      return new CompletionRejected(failure)
    default:
      return new CompletionUnavailable(failure)
  }
}
