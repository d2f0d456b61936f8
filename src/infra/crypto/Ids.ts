import { Effect, Layer } from "effect"
import { Ids } from "../../domain/shared/Ids"

export const layer = Layer.succeed(Ids, { next: Effect.sync(() => Bun.randomUUIDv7()) })
