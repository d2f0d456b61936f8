import { Migrator, SqlClient } from "@effect/sql"
import { Effect, Layer, Predicate, Schema } from "effect"
import { DatabaseUnavailable, MigrationFailed, SchemaTooNew } from "./Errors"
import { readMigrations } from "./readMigrations" with { type: "macro" }

/** Every file of `migrations/` by its name without the extension, embedded when this module is bundled. */
export const migrations: Readonly<Record<string, string>> = readMigrations()

/**
 * Applies pending migrations and returns their names, in order. Idempotent. Each runs in its own
 * transaction; nodes that start concurrently take turns. Rejects a database that a newer version has
 * migrated (SchemaTooNew), because writes by this version might corrupt it.
 */
export const migrateWith = Effect.fn("Migrations.migrate")(function* (
  files: Readonly<Record<string, string>>,
) {
  const sql = yield* SqlClient.SqlClient
  const latest = yield* latestMigration(sql)
  const supported = Math.max(...Object.keys(files).map(migrationNumber))
  if (latest > supported)
    return yield* new SchemaTooNew({ databaseMigration: latest, supportedMigration: supported })
  const applied: Array<string> = []
  for (const name of Object.keys(files).sort()) {
    if (migrationNumber(name) > latest && (yield* apply(sql, name, files[name] ?? ""))) applied.push(name)
  }
  if (applied.length > 0)
    yield* Effect.annotateLogs(Effect.logInfo("Database migrated"), { migrations: applied.join(", ") })
  return applied
})

const migrationNumber = (name: string) => Number.parseInt(name, 10)

/** Applies Parley's own migrations; see `migrateWith`. */
export const migrate = migrateWith(migrations)

/** Migrates the database when the layer is built. */
export const layer = Layer.effectDiscard(migrate)

const decodeLatest = Schema.decodeUnknownSync(Schema.Tuple(Schema.Struct({ id: Schema.Int })))

/** Returns the number of the latest migration in the database; 0 if it is empty. */
const latestMigration = (sql: SqlClient.SqlClient) =>
  withMigrationLock(
    sql,
    sql`create table if not exists migrations (
      migration_id int primary key,
      created_at timestamptz not null default now(),
      name text not null
    )`.pipe(Effect.zipRight(sql`select coalesce(max(migration_id), 0) as id from migrations`)),
  ).pipe(
    Effect.map((rows) => decodeLatest(rows)[0].id),
    Effect.mapError((error) => {
      const reason = isPermissionDenied(rootCause(error))
        ? "DATABASE_URL: its user lacks the permission to create tables, which migrations need"
        : "The list of applied migrations cannot be read"
      return new DatabaseUnavailable({ reason: `${reason}: ${rootCauseMessage(error)}.`, cause: error })
    }),
  )

/** Applies one migration. Returns false if another node applied it first: the migrator then skips it. */
const apply = (sql: SqlClient.SqlClient, name: string, statements: string) => {
  const loader = Migrator.fromRecord({ [name]: Effect.asVoid(sql.unsafe(statements)) })
  return withMigrationLock(sql, Migrator.make({})({ loader, table: "migrations" })).pipe(
    Effect.catchAllDefect(Effect.fail),
    Effect.mapBoth({ onFailure: toMigrationFailed(name), onSuccess: (completed) => completed.length > 0 }),
  )
}

/** Runs an effect in a transaction, one at a time across all nodes. */
const withMigrationLock = <A, E, R>(sql: SqlClient.SqlClient, effect: Effect.Effect<A, E, R>) =>
  sql.withTransaction(Effect.zipRight(sql`select pg_advisory_xact_lock(${advisoryLock})`, effect))

/** Key of the advisory lock, used by nothing else: "Parley" in ASCII. */
const advisoryLock = 0x5061726c6579

const toMigrationFailed = (name: string) => (cause: unknown) =>
  new MigrationFailed({ name, reason: rootCauseMessage(cause), cause })

const rootCauseMessage = (cause: unknown) => {
  const root = rootCause(cause)
  return (root instanceof Error ? root.message : String(root)).replace(/[.\s]+$/, "")
}

const rootCause = (cause: unknown): unknown =>
  cause instanceof Error && cause.cause instanceof Error ? rootCause(cause.cause) : cause

/** Whether the error is insufficient_privilege, or read_only_sql_transaction on a read-only database. */
const isPermissionDenied = (cause: unknown) =>
  Predicate.hasProperty(cause, "code") && (cause.code === "42501" || cause.code === "25006")
