import * as Reactivity from "@effect/experimental/Reactivity"
import { Config, Effect, Layer, Option } from "effect"
import { wholeNumber } from "../../domain/kernel/Settings"
import { embeddedDatabase } from "./Embedded"
import { serverDatabase } from "./Server"

/** The server to use; unset: the embedded database. */
const databaseUrl = Config.option(Config.redacted("DATABASE_URL"))

const poolSize = wholeNumber("DATABASE_POOL_SIZE", { least: 1, most: 1000, fallback: 10 })

const dataDir = Config.nonEmptyString("DATA_DIR").pipe(Config.withDefault("./data"))

const database = Effect.gen(function* () {
  const url = yield* databaseUrl
  if (Option.isNone(url)) return yield* embeddedDatabase(yield* dataDir)
  return yield* serverDatabase(url.value, yield* poolSize)
})

/**
 * The database: a server if `DATABASE_URL` names one, otherwise the embedded PostgreSQL in
 * `DATA_DIR`. Fails with one sentence if it cannot be used; closes it with the scope.
 */
export const layer = Layer.scopedContext(database).pipe(Layer.provide(Reactivity.layer))
