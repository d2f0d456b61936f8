import * as Reactivity from "@effect/experimental/Reactivity"
import { Config, Effect, Layer, Option, Redacted } from "effect"
import { embeddedDatabase } from "./Embedded"
import { serverDatabase } from "./Server"

/** The server to use; unset or empty: the embedded database. */
const databaseUrl = Config.redacted("DATABASE_URL").pipe(
  Config.option,
  Config.map(Option.filter((url) => Redacted.value(url) !== "")),
)

const poolSize = Config.integer("DATABASE_POOL_SIZE").pipe(
  Config.validate({
    message: "DATABASE_POOL_SIZE must be a whole number from 1 to 1000",
    validation: (size) => size >= 1 && size <= 1000,
  }),
  Config.withDefault(10),
)

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
