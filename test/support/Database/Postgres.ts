import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Logger, LogLevel, Redacted } from "effect"
import { Pool, type PoolClient } from "pg"
import { migrate, migrations } from "../../../src/infra/postgres/Migrations"
import { openPostgres } from "../../../src/infra/postgres/openPostgres"

/** Named by a hash of its migrations, so that a template of an earlier run or another process is reused. */
const template = `parley_template_${Bun.hash(JSON.stringify(migrations)).toString(36)}`

let templateReady: Promise<void> | undefined

/** Creates a migrated, empty database. Returns its URL. */
export const cloneTemplate = async (url: string) => {
  templateReady ??= makeTemplate(url)
  await templateReady
  const name = `parley_test_${Bun.randomUUIDv7("hex").replaceAll("-", "")}`
  await withAdminClient(url, (admin) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`),
  )
  return withDatabaseName(url, name)
}

/** Drops a database, disconnecting its clients. */
export const dropDatabase = (url: string, clone: string) =>
  withAdminClient(url, async (admin) => {
    await admin.query(`drop database if exists ${new URL(clone).pathname.slice(1)} with (force)`)
  })

/** Creates the template unless it exists. Renamed only when complete; concurrent processes take turns. */
const makeTemplate = (url: string) =>
  withAdminClient(url, async (admin) => {
    await admin.query("select pg_advisory_lock(hashtext('parley template'))")
    const { rowCount } = await admin.query("select from pg_database where datname = $1", [template])
    if (rowCount === 0) await fillTemplate(url, admin)
    await admin.query("select pg_advisory_unlock_all()")
  })

const fillTemplate = async (url: string, admin: PoolClient) => {
  const unfinished = `${template}_unfinished`
  await admin.query(`drop database if exists ${unfinished} with (force)`)
  await admin.query(`create database ${unfinished} template template0 encoding 'UTF8'`)
  const database = openPostgres(Redacted.make(withDatabaseName(url, unfinished)), 1)
  await Effect.runPromise(
    Effect.flatMap(database, (context) => Effect.provide(migrate, context)).pipe(
      Effect.scoped,
      Effect.provide(Reactivity.layer),
      Logger.withMinimumLogLevel(LogLevel.None),
    ),
  )
  await admin.query(`alter database ${unfinished} rename to ${template}`)
}

const adminPools = new Map<string, Pool>()

const withAdminClient = async <A>(url: string, use: (admin: PoolClient) => Promise<A>) => {
  const pool = adminPools.get(url) ?? new Pool({ connectionString: url, max: 4, allowExitOnIdle: true })
  adminPools.set(url, pool)
  const admin = await pool.connect()
  try {
    return await use(admin)
  } finally {
    admin.release()
  }
}

const withDatabaseName = (url: string, database: string) => {
  const result = new URL(url)
  result.pathname = `/${database}`
  return result.href
}
