import { Duration, Schedule } from "effect"
import type { ModelError } from "../../domain/models/LanguageModel"
import type { CallPolicy } from "./CallPolicy"

/** Waits longer than this are not retried here: the caller gets the error at once. */
const MAX_RETRY_AFTER = Duration.seconds(5)

const isRetryable = (error: ModelError) =>
  error._tag === "ModelUnreachable" ||
  error._tag === "ModelOverloaded" ||
  (error._tag === "ModelRateLimited" &&
    (error.retryAfter === undefined || Duration.lessThanOrEqualTo(error.retryAfter, MAX_RETRY_AFTER)))

/**
 * Retries transient errors with exponential delays and jitter, or after the provider's `retry-after`
 * if that is short.
 */
export const retrySchedule = ({ maxRetries, retryDelay }: CallPolicy) =>
  Schedule.exponential(retryDelay).pipe(
    Schedule.jittered,
    Schedule.intersect(Schedule.recurs(maxRetries)),
    Schedule.whileInput(isRetryable),
    Schedule.passthrough,
    Schedule.modifyDelay((error, delay) =>
      error._tag === "ModelRateLimited" ? (error.retryAfter ?? delay) : delay,
    ),
  )
