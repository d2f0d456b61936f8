import { Effect, Layer } from "effect"
import { IdGenerator } from "../../domain/shared/Ids"

export const layer = Layer.succeed(IdGenerator, {
  generate: Effect.sync(() => Bun.randomUUIDv7()),
  generateUnguessable: Effect.sync(() =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url"),
  ),
})
