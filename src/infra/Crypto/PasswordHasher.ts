import { Config, Effect, Layer, Redacted } from "effect"
import { PasswordHasher } from "../../domain/identity/PasswordHasher"

/** argon2id at the strength OWASP recommends: 19 MiB, two passes. */
const argon2id = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const

/** How many passwords are hashed at once; the others wait. */
const hashesAtOnce = Config.integer("PASSWORD_HASHES_AT_ONCE").pipe(
  Config.validate({ message: "must be 1 or more", validation: (count) => count >= 1 }),
  Config.withDefault(2),
)

/** `Bun.password`, which works on threads of its own, with a bound on how many are kept busy. */
export const layer = Layer.effect(
  PasswordHasher,
  Effect.gen(function* () {
    const permits = yield* Effect.makeSemaphore(yield* hashesAtOnce)
    const hash = (password: Redacted.Redacted) =>
      permits.withPermits(1)(Effect.promise(() => Bun.password.hash(Redacted.value(password), argon2id)))
    const nobodys = yield* Effect.cached(hash(Redacted.make(crypto.randomUUID())))
    return {
      hash,
      verify: (password, known) =>
        Effect.gen(function* () {
          const against = known ?? (yield* nobodys)
          const matches = yield* permits.withPermits(1)(
            Effect.tryPromise(() => Bun.password.verify(Redacted.value(password), against)),
          )
          return matches && known !== undefined
        }).pipe(
          Effect.tapErrorCause((cause) => Effect.logError("A stored password hash cannot be read", cause)),
          Effect.orElseSucceed(() => false),
        ),
    }
  }),
)
