import { type Cause, Effect } from "effect"
import { isDatabaseUnavailable } from "../domain/shared/DatabaseUnavailable"
import { databaseUnavailable, type HttpError, internalError } from "./HttpError"

/** Maps an unexpected failure to the error sent to the client, and logs its cause, which the client never sees. */
export const causeToHttpError = (cause: Cause.Cause<unknown>): Effect.Effect<HttpError> =>
  isDatabaseUnavailable(cause)
    ? Effect.as(Effect.logError("Database unavailable", cause), databaseUnavailable)
    : Effect.as(Effect.logError("Unhandled error", cause), internalError)
