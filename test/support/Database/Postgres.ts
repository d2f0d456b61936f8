import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Logger, LogLevel, Redacted } from "effect"
import { Pool, type PoolClient } from "pg"
import { migrate, migrations } from "../../../src/infra/postgres/Migrations"
import { serverDatabase } from "../../../src/infra/postgres/Postgres"

/** Named after what is in it, so that a template made earlier, or by another process, serves. */
const template = `parley_template_${Bun.hash(JSON.stringify(migrations)).toString(36)}`

let templateMade: Promise<void> | undefined

/** Makes a database with every migration and no row; gives its URL. */
export const cloneTemplate = async (url: string) => {
  templateMade ??= makeTemplate(url)
  await templateMade
  const name = `parley_test_${Bun.randomUUIDv7("hex").replaceAll("-", "")}`
  await administer(url, (admin) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`),
  )
  return named(url, name)
}

/** Removes a database, whoever is still connected to it. */
export const dropDatabase = (url: string, clone: string) =>
  administer(url, async (admin) => {
    await admin.query(`drop database if exists ${new URL(clone).pathname.slice(1)} with (force)`)
  })

/** Complete once it has its name; processes that need it at the same time take turns. */
const makeTemplate = (url: string) =>
  administer(url, async (admin) => {
    await admin.query("select pg_advisory_lock(hashtext('parley template'))")
    const { rowCount } = await admin.query("select from pg_database where datname = $1", [template])
    if (rowCount === 0) await fillTemplate(url, admin)
    await admin.query("select pg_advisory_unlock_all()")
  })

const fillTemplate = async (url: string, admin: PoolClient) => {
  const unfinished = `${template}_unfinished`
  await admin.query(`drop database if exists ${unfinished} with (force)`)
  await admin.query(`create database ${unfinished} template template0 encoding 'UTF8'`)
  const database = serverDatabase(Redacted.make(named(url, unfinished)), 1)
  await Effect.runPromise(
    Effect.flatMap(database, (services) => Effect.provide(migrate, services)).pipe(
      Effect.scoped,
      Effect.provide(Reactivity.layer),
      Logger.withMinimumLogLevel(LogLevel.None),
    ),
  )
  await admin.query(`alter database ${unfinished} rename to ${template}`)
}

const administrators = new Map<string, Pool>()

const administer = async <A>(url: string, work: (admin: PoolClient) => Promise<A>) => {
  const pool = administrators.get(url) ?? new Pool({ connectionString: url, max: 4, allowExitOnIdle: true })
  administrators.set(url, pool)
  const admin = await pool.connect()
  try {
    return await work(admin)
  } finally {
    admin.release()
  }
}

const named = (url: string, database: string) => {
  const other = new URL(url)
  other.pathname = `/${database}`
  return other.href
}
