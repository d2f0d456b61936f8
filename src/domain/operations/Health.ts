import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Schema, Stream } from "effect"
import { BlobStore } from "../files/BlobStore"
import { IdGenerator } from "../shared/Ids"
import { findOne } from "../shared/Rows"

/** How long a component may take to answer before it counts as unavailable. */
const checkTimeout = Duration.seconds(2)

/** The size of the file that is tried to be written, in bytes: a smaller one may fit on a full disk. */
const PROBE_SIZE = 64 * 1024

/** Checks the availability of the services that Parley depends on. */
export class Health extends Effect.Service<Health>()("Health", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const blobs = yield* BlobStore
    const ids = yield* IdGenerator

    /** Returns whether a check succeeds in time. */
    const succeeds = (component: string) => (check: Effect.Effect<unknown, unknown>) =>
      check.pipe(
        // Without this, the timeout would wait for the interrupted check to finish.
        Effect.disconnect,
        Effect.timeout(checkTimeout),
        Effect.as(true),
        Effect.catchAllCause((cause) =>
          Effect.as(Effect.logError(`${component} health check failed`, cause), false),
        ),
      )

    /**
     * Returns whether the database answers within two seconds and takes writes: the embedded one is read-only
     * while the disk is full, and a server while it is a standby.
     */
    const isDatabaseWritable = sql`select current_setting('transaction_read_only') as "readOnly"`.pipe(
      Effect.filterOrFail(
        ([row]) => row?.["readOnly"] === "off",
        () => new Error("The database is read-only"),
      ),
      succeeds("database"),
    )

    /**
     * Returns whether a file can be written and deleted within two seconds. Tried at most once in five seconds,
     * because anybody may ask.
     */
    const isStorageWritable = yield* Effect.flatMap(ids.generate, (id) =>
      Effect.ensuring(
        blobs.put(`health-${id}`, Stream.make(new Uint8Array(PROBE_SIZE))),
        blobs.remove(`health-${id}`),
      ),
    ).pipe(succeeds("storage"), Effect.cachedWithTTL(Duration.seconds(5)))

    /** Returns how many deleted files wait to be removed from storage, which happens every ten seconds. */
    const pendingDeletions = Effect.gen(function* () {
      const { count } = yield* sql`
        select count(*)::int as count from blobs_to_delete where due_at <= ${yield* DateTime.nowAsDate}`.pipe(
        findOne(Schema.Struct({ count: Schema.Int })),
        Effect.flatten,
        Effect.orDie,
      )
      return count
    })

    return { isDatabaseWritable, isStorageWritable, pendingDeletions }
  }),
}) {}
