import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Reactivity from "@effect/experimental/Reactivity"
import { Effect, Layer, Redacted } from "effect"
import { databaseOver } from "../../src/infra/pglite/openPglite"
import { serverDatabase } from "../../src/infra/postgres/Postgres"
import { putBack, takeEmpty } from "./Database/Pglite"
import { cloneTemplate, dropDatabase } from "./Database/Postgres"
import { startPostgres } from "./PostgresServer"

/** What the suite runs on: `embedded` (default), `server` (one of its own), or the URL of a server. */
const chosen = process.env.TEST_DATABASE || "embedded"

/** What a test that needs a real server says it misses. */
export const postgresUnavailable = chosen === "embedded" ? "a PostgreSQL server" : undefined

let own: ReturnType<typeof startPostgres> | undefined

/** The URL of the server that the suite runs on. */
export const serverUrl = async () => {
  if (chosen !== "server") return chosen
  own ??= startPostgres()
  return (await own).url
}

const server = Effect.gen(function* () {
  const url = yield* Effect.promise(serverUrl)
  const clone = yield* Effect.acquireRelease(
    Effect.promise(() => cloneTemplate(url)),
    (clone) => Effect.promise(() => dropDatabase(url, clone)),
  )
  return yield* serverDatabase(Redacted.make(clone), 5)
})

const embedded = Effect.acquireRelease(Effect.promise(takeEmpty), (database) =>
  Effect.promise(() => putBack(database)),
).pipe(Effect.flatMap(databaseOver))

/** A migrated, empty database of the chosen kind, for this use alone. */
export const layer = Layer.scopedContext(chosen === "embedded" ? embedded : server).pipe(
  Layer.provide(Reactivity.layer),
)

/** An empty database of the chosen kind for a process to start on, as the settings that name it. */
export const freshDatabase = async (): Promise<{ env: Record<string, string>; drop(): Promise<void> }> => {
  if (chosen === "embedded") {
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
