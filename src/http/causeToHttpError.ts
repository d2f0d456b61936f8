import { type Cause, Effect } from "effect"
import { isDatabaseUnavailable } from "../domain/shared/DatabaseUnavailable"
import { databaseAway, defect, type Problem } from "./HttpError"

/** What is answered when something has died of what nobody foresaw. Why goes into the log, and nowhere else. */
export const problemOf = (cause: Cause.Cause<unknown>): Effect.Effect<Problem> =>
  isDatabaseUnavailable(cause)
    ? Effect.as(Effect.logError("A request found no database to work with", cause), databaseAway)
    : Effect.as(Effect.logError("A request died of a bug", cause), defect)
