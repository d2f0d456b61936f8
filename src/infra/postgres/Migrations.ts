import { Migrator, SqlClient } from "@effect/sql"
import { Effect, Layer, Predicate } from "effect"
import identity from "../../../migrations/0001_identity.sql" with { type: "text" }
import usage from "../../../migrations/0002_usage.sql" with { type: "text" }
import conversation from "../../../migrations/0003_conversation.sql" with { type: "text" }
import audit from "../../../migrations/0004_audit.sql" with { type: "text" }
import promptTemplates from "../../../migrations/0005_prompt_templates.sql" with { type: "text" }
import assistants from "../../../migrations/0006_assistants.sql" with { type: "text" }
import costs from "../../../migrations/0007_costs.sql" with { type: "text" }
import admin from "../../../migrations/0008_admin.sql" with { type: "text" }
import conversationDetails from "../../../migrations/0009_conversation_details.sql" with { type: "text" }
import files from "../../../migrations/0010_files.sql" with { type: "text" }
import images from "../../../migrations/0011_images.sql" with { type: "text" }
import arena from "../../../migrations/0012_arena.sql" with { type: "text" }
import filesBegun from "../../../migrations/0013_files_begun.sql" with { type: "text" }
import search from "../../../migrations/0014_search.sql" with { type: "text" }
import titleOrder from "../../../migrations/0015_title_order.sql" with { type: "text" }
import beginnings from "../../../migrations/0016_beginnings.sql" with { type: "text" }
import requestPrice from "../../../migrations/0017_request_price.sql" with { type: "text" }
import promptTokens from "../../../migrations/0018_prompt_tokens.sql" with { type: "text" }
import callOwners from "../../../migrations/0019_call_owners.sql" with { type: "text" }
import { DatabaseIsNewer, DatabaseUnavailable, MigrationFailed } from "./Errors"

/** Every file of migrations/, by its name without the ending. */
export const migrations: Readonly<Record<string, string>> = {
  "0001_identity": identity,
  "0002_usage": usage,
  "0003_conversation": conversation,
  "0004_audit": audit,
  "0005_prompt_templates": promptTemplates,
  "0006_assistants": assistants,
  "0007_costs": costs,
  "0008_admin": admin,
  "0009_conversation_details": conversationDetails,
  "0010_files": files,
  "0011_images": images,
  "0012_arena": arena,
  "0013_files_begun": filesBegun,
  "0014_search": search,
  "0015_title_order": titleOrder,
  "0016_beginnings": beginnings,
  "0017_request_price": requestPrice,
  "0018_prompt_tokens": promptTokens,
  "0019_call_owners": callOwners,
}

/**
 * Brings the database up to date and gives the names of the migrations that ran, in order. Each
 * runs in a transaction of its own; nodes that start together take turns. A database that a newer
 * version has migrated is refused: what this one would write into it is not known to be right.
 */
export const migrateWith = Effect.fn("Sql.migrate")(function* (files: Readonly<Record<string, string>>) {
  const sql = yield* SqlClient.SqlClient
  const latest = yield* latestMigration(sql)
  const newest = Math.max(...Object.keys(files).map(numberOf))
  if (latest > newest) return yield* new DatabaseIsNewer({ latest, newest })
  const ran: Array<string> = []
  for (const name of Object.keys(files).sort()) {
    if (numberOf(name) > latest && (yield* run(sql, name, files[name] ?? ""))) ran.push(name)
  }
  if (ran.length > 0) yield* Effect.logInfo(`Migrated the database: ${ran.join(", ")}`)
  return ran
})

const numberOf = (name: string) => Number.parseInt(name, 10)

/** As `migrateWith`, with Parley's own migrations. */
export const migrate = migrateWith(migrations)

/** Migrates while the server starts. */
export const layer = Layer.effectDiscard(migrate)

/** The number of the newest migration that the database has; 0 for an empty one. */
const latestMigration = (sql: SqlClient.SqlClient) =>
  inTurn(
    sql,
    sql`create table if not exists migrations (
      migration_id int primary key,
      created_at timestamptz not null default now(),
      name text not null
    )`.pipe(Effect.zipRight(sql<{ id: number | null }>`select max(migration_id) as id from migrations`)),
  ).pipe(
    Effect.map(([newest]) => newest?.id ?? 0),
    Effect.mapError((error) => {
      const reason = mayNotWrite(innermost(error))
        ? "DATABASE_URL: its user may not make tables in the database, as migrations do"
        : "The database cannot tell which migrations it has"
      return new DatabaseUnavailable({ reason: `${reason}: ${whyOf(error)}.`, cause: error })
    }),
  )

/** Runs one migration, and tells whether it did: the migrator skips what another node ran meanwhile. */
const run = (sql: SqlClient.SqlClient, name: string, statements: string) => {
  const loader = Migrator.fromRecord({ [name]: Effect.asVoid(sql.unsafe(statements)) })
  return inTurn(sql, Migrator.make({})({ loader, table: "migrations" })).pipe(
    Effect.catchAllDefect(Effect.fail),
    Effect.mapBoth({ onFailure: failed(name), onSuccess: (completed) => completed.length > 0 }),
  )
}

/** One transaction at a time, on all nodes. */
const inTurn = <A, E, R>(sql: SqlClient.SqlClient, steps: Effect.Effect<A, E, R>) =>
  sql.withTransaction(Effect.zipRight(sql`select pg_advisory_xact_lock(${advisoryLock})`, steps))

/** Any number that nothing else locks: "Parley" in ASCII. */
const advisoryLock = 0x5061726c6579

const failed = (name: string) => (cause: unknown) => new MigrationFailed({ name, why: whyOf(cause), cause })

const whyOf = (cause: unknown) => {
  const root = innermost(cause)
  return (root instanceof Error ? root.message : String(root)).replace(/[.\s]+$/, "")
}

const innermost = (cause: unknown): unknown =>
  cause instanceof Error && cause.cause instanceof Error ? innermost(cause.cause) : cause

/** Insufficient privilege, or a database that is read-only to this user. */
const mayNotWrite = (cause: unknown) =>
  Predicate.hasProperty(cause, "code") && (cause.code === "42501" || cause.code === "25006")
