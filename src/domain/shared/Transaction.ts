import type { SqlClient, SqlError } from "@effect/sql"
import { Effect } from "effect"

const isSqlError = (error: unknown): error is SqlError.SqlError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "SqlError"

/**
 * Runs the steps in one transaction. Database failures become defects; every other error is passed
 * on unchanged after the rollback.
 */
export const withTransaction =
  (sql: SqlClient.SqlClient) =>
  <A, E, R>(steps: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, SqlError.SqlError>, R> =>
    sql.withTransaction(steps).pipe(Effect.catchIf(isSqlError, Effect.die))
