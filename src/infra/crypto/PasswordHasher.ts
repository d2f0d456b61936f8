import { Effect, Layer, Redacted } from "effect"
import { PasswordHasher } from "../../domain/identity/PasswordHasher"
import { integerConfig } from "../../domain/shared/ConfigHelpers"

/** argon2id at the strength OWASP recommends: 19 MiB, two passes. */
const argon2id = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const

/** How many passwords are hashed at once; the others wait. */
export const hashesAtOnce = integerConfig("PASSWORD_HASHES_AT_ONCE", { min: 1, max: 1_024, fallback: 2 })

const unpadded = (length: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
    .toString("base64")
    .replace(/=+$/, "")

/** A hash as of a password that nobody has: there is work in comparing with it, and no match. */
const nobodys = `$argon2id$v=19$m=${argon2id.memoryCost},t=${argon2id.timeCost},p=1$${unpadded(32)}$${unpadded(32)}`

/** `Bun.password`, which works on threads of its own, with a bound on how many are kept busy. */
export const layer = Layer.effect(
  PasswordHasher,
  Effect.gen(function* () {
    const permits = yield* Effect.makeSemaphore(yield* hashesAtOnce)
    /** A thread goes on with its work when nobody waits for it any more, and so keeps its permit. */
    const permitted = <A, E>(work: Effect.Effect<A, E>) =>
      permits.withPermits(1)(Effect.uninterruptible(work))
    return {
      hash: (password) =>
        permitted(Effect.promise(() => Bun.password.hash(Redacted.value(password), argon2id))),
      verify: (password, known) =>
        permitted(
          Effect.tryPromise(() => Bun.password.verify(Redacted.value(password), known ?? nobodys)),
        ).pipe(
          Effect.map((matches) => matches && known !== undefined),
          Effect.tapError((error) => Effect.logError("A stored password hash cannot be read", error)),
          Effect.orElseSucceed(() => false),
        ),
    }
  }),
)
