import * as Reactivity from "@effect/experimental/Reactivity"
import { Config, Effect, Layer, Option } from "effect"
import { dataDir, integerConfig } from "../../domain/shared/ConfigHelpers"
import { embeddedDatabase } from "../pglite/openPglite"
import { serverDatabase } from "./Postgres"

export const databaseConfig = Config.all({
  /** The server to use; unset: the embedded database. */
  url: Config.option(Config.redacted("DATABASE_URL")),
  poolSize: integerConfig("DATABASE_POOL_SIZE", { min: 1, max: 1000, fallback: 10 }),
  dataDir,
})

const database = Effect.gen(function* () {
  const { url, poolSize, dataDir } = yield* databaseConfig
  return yield* Option.isNone(url) ? embeddedDatabase(dataDir) : serverDatabase(url.value, poolSize)
})

/**
 * The database: a server if `DATABASE_URL` names one, otherwise the embedded PostgreSQL in
 * `DATA_DIR`. Fails with one sentence if it cannot be used; closes it with the scope.
 */
export const layer = Layer.scopedContext(database).pipe(Layer.provide(Reactivity.layer))
