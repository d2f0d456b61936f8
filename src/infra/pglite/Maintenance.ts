import type { SqlClient } from "@effect/sql"
import { Duration, Effect, Schedule, Schema } from "effect"

const checkpointAfterBytes = 8 * 1024 * 1024

/**
 * Runs checkpoints and vacuum periodically, forever: a server does so in background processes, which
 * an embedded PostgreSQL with its one session lacks. Checkpoints keep the WAL short: replaying it
 * after a crash costs about 50 ms per MB. Vacuum and analyze follow autovacuum's own thresholds, one
 * table at a time.
 */
export const maintenance = (sql: SqlClient.SqlClient) =>
  Effect.all(
    [
      Effect.repeat(checkpoint(sql), Schedule.spaced("5 seconds")),
      Effect.repeat(vacuum(sql), Schedule.spaced("1 minute")),
    ],
    { concurrency: "unbounded", discard: true },
  ).pipe(
    Effect.tapErrorCause((cause) => Effect.logWarning("Database maintenance failed", cause)),
    Effect.retry(Schedule.spaced(Duration.minutes(1))),
    Effect.interruptible,
  )

const decodeWal = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ bytes: Schema.Int })))

/** Writes a checkpoint if the WAL has grown enough since the last one. */
export const checkpoint = Effect.fn("Maintenance.checkpoint")(function* (sql: SqlClient.SqlClient) {
  const [{ bytes }] = yield* sql`
    select (pg_current_wal_lsn() - redo_lsn)::bigint as bytes from pg_control_checkpoint()`.pipe(
    Effect.flatMap(decodeWal),
  )
  if (bytes >= checkpointAfterBytes) yield* sql`checkpoint`
})

const decodeTables = Schema.decodeUnknown(
  Schema.Array(Schema.Struct({ name: Schema.String, dead: Schema.Boolean })),
)

/** Vacuums or analyzes the tables that have changed enough since the last run. */
export const vacuum = Effect.fn("Maintenance.vacuum")(function* (sql: SqlClient.SqlClient) {
  yield* sql`select pg_stat_force_next_flush()`
  const tables = yield* sql`
    select quote_ident(schemaname) || '.' || quote_ident(relname) as name,
      greatest(n_dead_tup, n_ins_since_vacuum / 2) > 50 + 0.2 * n_live_tup as dead
    from pg_stat_user_tables
    where greatest(n_dead_tup, n_ins_since_vacuum / 2) > 50 + 0.2 * n_live_tup
      or n_mod_since_analyze > 50 + 0.1 * n_live_tup`.pipe(Effect.flatMap(decodeTables))
  for (const { name, dead } of tables) {
    yield* dead ? sql.unsafe(`vacuum (analyze) ${name}`) : sql.unsafe(`analyze ${name}`)
  }
})
