import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Layer, Redacted } from "effect"
import { makePgliteContext } from "../../src/infra/pglite/openPglite"
import { openPostgres } from "../../src/infra/postgres/openPostgres"
import { acquireEmptyDatabase, releaseDatabase } from "./Database/Pglite"
import { cloneTemplate, dropDatabase } from "./Database/Postgres"
import { startPostgres } from "./PostgresServer"

/** The database of the test suite: `embedded` (default), `server` (started on demand), or the URL of a server. */
const databaseKind = process.env.TEST_DATABASE || "embedded"

/** The reason to skip a test that needs a PostgreSQL server; undefined if there is one. */
export const postgresUnavailable = databaseKind === "embedded" ? "a PostgreSQL server" : undefined

let ownServer: ReturnType<typeof startPostgres> | undefined

/** Returns the URL of the suite's PostgreSQL server, starting it if needed. */
export const serverUrl = async () => {
  if (databaseKind !== "server") return databaseKind
  ownServer ??= startPostgres()
  return (await ownServer).url
}

const cloneOnServer = Effect.gen(function* () {
  const url = yield* Effect.promise(serverUrl)
  const clone = yield* Effect.acquireRelease(
    Effect.promise(() => cloneTemplate(url)),
    (clone) => Effect.promise(() => dropDatabase(url, clone)),
  )
  return yield* openPostgres(Redacted.make(clone), 5)
})

const openEmbedded = Effect.acquireRelease(Effect.promise(acquireEmptyDatabase), (database) =>
  Effect.promise(() => releaseDatabase(database)),
).pipe(Effect.flatMap(makePgliteContext))

/** Provides a migrated, empty database of the configured kind, exclusively until the scope closes. */
export const layer = Layer.scopedContext(databaseKind === "embedded" ? openEmbedded : cloneOnServer).pipe(
  Layer.provide(Reactivity.layer),
)

/** Creates an empty database of the configured kind for a process. Returns the settings that name it. */
export const freshDatabase = async (): Promise<{ env: Record<string, string>; drop(): Promise<void> }> => {
  if (databaseKind === "embedded") {
    const folder = mkdtempSync(join(tmpdir(), "parley-data-"))
    return {
      env: { DATA_DIR: folder, DATABASE_URL: "" },
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    }
  }
  const url = await serverUrl()
  const clone = await cloneTemplate(url)
  return { env: { DATABASE_URL: clone }, drop: () => dropDatabase(url, clone) }
}
