import { Duration, Schedule } from "effect"
import type { ModelError } from "../../domain/models/LanguageModel"
import type { Limits } from "./Timeouts"

/** Longer waits than this are the caller's business: they are told at once. */
const longestRetryAfter = Duration.seconds(5)

const mayRetry = (error: ModelError) =>
  error._tag === "ModelUnreachable" ||
  error._tag === "ModelOverloaded" ||
  (error._tag === "ModelRateLimited" &&
    (error.retryAfter === undefined || Duration.lessThanOrEqualTo(error.retryAfter, longestRetryAfter)))

/**
 * Asks again while nothing of the answer has come: after exponential delays with jitter, or after
 * the wait that the provider asks for if that is short.
 */
export const retrying = ({ retries, retryDelay }: Limits) =>
  Schedule.exponential(retryDelay).pipe(
    Schedule.jittered,
    Schedule.intersect(Schedule.recurs(retries)),
    Schedule.whileInput(mayRetry),
    Schedule.passthrough,
    Schedule.modifyDelay((error, delay) =>
      error._tag === "ModelRateLimited" ? (error.retryAfter ?? delay) : delay,
    ),
  )
