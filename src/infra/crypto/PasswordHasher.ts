import { Effect, Layer, Redacted } from "effect"
import { PasswordHasher } from "../../domain/identity/PasswordHasher"
import { integerConfig } from "../../domain/shared/ConfigHelpers"

/** The argon2id parameters recommended by OWASP: 19 MiB of memory, two passes. */
const argon2id = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const

/** Maximum number of passwords hashed concurrently; further ones wait. */
export const maxConcurrentHashes = integerConfig("PASSWORD_HASHES_AT_ONCE", {
  min: 1,
  max: 1_024,
  fallback: 2,
})

const randomBase64 = (length: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
    .toString("base64")
    .replace(/=+$/, "")

/**
 * A hash that no password matches, verified when there is no stored one: unknown users then take as
 * long as known ones.
 */
const dummyHash = `$argon2id$v=19$m=${argon2id.memoryCost},t=${argon2id.timeCost},p=1$${randomBase64(32)}$${randomBase64(32)}`

/** Implements the port with `Bun.password`, which hashes on its own threads, bounding how many are busy. */
export const layer = Layer.effect(
  PasswordHasher,
  Effect.gen(function* () {
    const permits = yield* Effect.makeSemaphore(yield* maxConcurrentHashes)
    /**
     * Runs work with a permit, uninterruptibly: a thread continues after its caller is gone, and so must hold
     * the permit.
     */
    const withPermit = <A, E>(work: Effect.Effect<A, E>) =>
      permits.withPermits(1)(Effect.uninterruptible(work))
    return {
      hash: (password) =>
        withPermit(Effect.promise(() => Bun.password.hash(Redacted.value(password), argon2id))),
      verify: (password, storedHash) =>
        withPermit(
          Effect.tryPromise(() => Bun.password.verify(Redacted.value(password), storedHash ?? dummyHash)),
        ).pipe(
          Effect.map((matches) => matches && storedHash !== undefined),
          Effect.tapError((error) => Effect.logError("stored password hash is invalid", error)),
          Effect.orElseSucceed(() => false),
        ),
    }
  }),
)
