import * as Reactivity from "@effect/experimental/Reactivity"
import type { PGlite } from "@electric-sql/pglite"
import { Effect, Logger, LogLevel } from "effect"
import { seedFiles } from "../../../src/infra/pglite/Assets"
import { databaseOver } from "../../../src/infra/pglite/openPglite"
import { openArchive } from "../../../src/infra/pglite/Pglite"
import { migrate } from "../../../src/infra/postgres/Migrations"

// Opening a database in memory takes a quarter of a second and 100 MB, emptying one 20 ms: those
// that come back as they were given are emptied and used again.
const spare: Array<PGlite> = []

let template: ReturnType<typeof makeTemplate> | undefined

/** A migrated database without a row, in memory. */
export const takeEmpty = async () => {
  const used = spare.pop()
  if (used !== undefined) return used
  template ??= makeTemplate()
  return openArchive((await template).archive)
}

/** Empties a database for the next who needs one, or closes it if it cannot be made as it was. */
export const putBack = async (database: PGlite) => {
  template ??= makeTemplate()
  const { shape, emptying } = await template
  try {
    await database.exec("discard all")
    if ((await shapeOf(database)) !== shape) throw new Error("The tables are not the template's")
    await database.exec(emptying)
    spare.push(database)
  } catch {
    await database.close()
  }
}

const makeTemplate = async () => {
  const database = await openArchive(new Blob([await seedFiles()]))
  await Effect.runPromise(
    Effect.flatMap(databaseOver(database), (services) => Effect.provide(migrate, services)).pipe(
      Effect.scoped,
      Effect.provide(Reactivity.layer),
      Logger.withMinimumLogLevel(LogLevel.None),
    ),
  )
  await database.exec("checkpoint")
  const archive = await database.dumpDataDir("none")
  const { rows } = await database.query<{ emptying: string }>(`
    select 'truncate ' || string_agg(relname, ', ') || ' restart identity cascade' as emptying
    from pg_stat_user_tables where relname <> 'migrations'`)
  const shape = await shapeOf(database)
  await database.close()
  return { archive, shape, emptying: rows[0]?.emptying ?? "" }
}

/** Tells apart databases whose tables, columns or functions are not the same. */
const shapeOf = async (database: PGlite) => {
  const { rows } = await database.query<{ shape: string }>(`
    select string_agg(oid || ':' || part, ',' order by oid, part) as shape from (
      select attrelid, attname from pg_attribute union all select oid, proname from pg_proc
    ) as own (oid, part) where oid >= 16384`)
  return rows[0]?.shape
}
