import * as Reactivity from "@effect/experimental/Reactivity"
import { Config, Effect, Layer, Option } from "effect"
import { dataDir, integerConfig } from "../domain/shared/ConfigHelpers"
import { openPglite } from "./pglite/openPglite"
import { openPostgres } from "./postgres/openPostgres"

export const databaseConfig = Config.all({
  /** URL of the PostgreSQL server; unset selects the embedded database. */
  url: Config.option(Config.redacted("DATABASE_URL")),
  poolSize: integerConfig("DATABASE_POOL_SIZE", { min: 1, max: 1000, fallback: 10 }),
  dataDir,
})

const database = Effect.gen(function* () {
  const { url, poolSize, dataDir } = yield* databaseConfig
  return yield* Option.isNone(url) ? openPglite(dataDir) : openPostgres(url.value, poolSize)
})

/**
 * Provides the database: the server that `DATABASE_URL` names, otherwise the embedded PostgreSQL in
 * `DATA_DIR`. Fails with a one-sentence error if it cannot be used; closes with the scope.
 */
export const layer = Layer.scopedContext(database).pipe(Layer.provide(Reactivity.layer))
