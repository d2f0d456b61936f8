import { SqlClient } from "@effect/sql"
import { Duration, Effect } from "effect"

/** Checks the availability of the services that Parley depends on. */
export class Health extends Effect.Service<Health>()("Health", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Returns whether the database answers within two seconds. */
    const isDatabaseReachable = sql`select 1`.pipe(
      // Without this, the timeout would wait for the interrupted query to finish.
      Effect.disconnect,
      Effect.timeout(Duration.seconds(2)),
      Effect.as(true),
      Effect.catchAllCause((cause) =>
        Effect.as(Effect.logError("database health check failed", cause), false),
      ),
    )

    return { isDatabaseReachable }
  }),
}) {}
