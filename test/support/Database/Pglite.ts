import * as Reactivity from "@effect/experimental/Reactivity"
import type { PGlite } from "@electric-sql/pglite"
import { Effect, Logger, LogLevel } from "effect"
import { seedFiles } from "../../../src/infra/pglite/Assets"
import { openArchive } from "../../../src/infra/pglite/createPglite"
import { makePgliteContext } from "../../../src/infra/pglite/openPglite"
import { migrate } from "../../../src/infra/postgres/Migrations"

// Opening a database in memory takes 0.25 s and 100 MB, truncating one 20 ms: released databases with
// an unchanged schema are truncated and reused.
const idleDatabases: Array<PGlite> = []

let template: ReturnType<typeof makeTemplate> | undefined

/** Returns a migrated, empty in-memory database. */
export const acquireEmptyDatabase = async () => {
  const idle = idleDatabases.pop()
  if (idle !== undefined) return idle
  template ??= makeTemplate()
  return openArchive((await template).archive)
}

/** Truncates a database for reuse, or closes it if its schema was changed. */
export const releaseDatabase = async (database: PGlite) => {
  template ??= makeTemplate()
  const { fingerprint, truncateSql } = await template
  try {
    await database.exec("discard all")
    if ((await readSchemaFingerprint(database)) !== fingerprint) throw new Error("The schema was changed")
    await database.exec(truncateSql)
    idleDatabases.push(database)
  } catch {
    await database.close()
  }
}

const makeTemplate = async () => {
  const database = await openArchive(new Blob([await seedFiles()]))
  await Effect.runPromise(
    Effect.flatMap(makePgliteContext(database), (context) => Effect.provide(migrate, context)).pipe(
      Effect.scoped,
      Effect.provide(Reactivity.layer),
      Logger.withMinimumLogLevel(LogLevel.None),
    ),
  )
  await database.exec("checkpoint")
  const archive = await database.dumpDataDir("none")
  const { rows } = await database.query<{ sql: string }>(`
    select 'truncate ' || string_agg(relname, ', ') || ' restart identity cascade' as sql
    from pg_stat_user_tables where relname <> 'migrations'`)
  const fingerprint = await readSchemaFingerprint(database)
  await database.close()
  return { archive, fingerprint, truncateSql: rows[0]?.sql ?? "" }
}

/** Returns a text that differs between databases with different tables, columns or functions. */
const readSchemaFingerprint = async (database: PGlite) => {
  const { rows } = await database.query<{ fingerprint: string }>(`
    select string_agg(oid || ':' || part, ',' order by oid, part) as fingerprint from (
      select attrelid, attname from pg_attribute union all select oid, proname from pg_proc
    ) as objects (oid, part) where oid >= 16384`)
  return rows[0]?.fingerprint
}
