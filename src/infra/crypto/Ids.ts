import { Effect, Layer } from "effect"
import { IdGenerator } from "../../domain/shared/Ids"

export const layer = Layer.succeed(IdGenerator, { generate: Effect.sync(() => Bun.randomUUIDv7()) })
