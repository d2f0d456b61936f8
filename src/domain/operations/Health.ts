import { SqlClient } from "@effect/sql"
import { Duration, Effect } from "effect"

/** Whether what the product stands on is there. */
export class Health extends Effect.Service<Health>()("Health", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** True when the database answers within two seconds. */
    const check = sql`select 1`.pipe(
      // Else the time would be up only when the interrupted query is done.
      Effect.disconnect,
      Effect.timeout(Duration.seconds(2)),
      Effect.as(true),
      Effect.catchAllCause((cause) =>
        Effect.as(Effect.logError("The database does not answer", cause), false),
      ),
    )

    return { check }
  }),
}) {}
