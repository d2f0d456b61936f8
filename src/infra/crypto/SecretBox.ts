import { Effect, Layer, Option, Redacted } from "effect"
import { SecretBox, type SecretOwner, SecretUnreadable } from "../../domain/shared/SecretBox"
import { previousJwtSecret, signingKey } from "./SigningKey"

const NONCE_LENGTH = 12
const encoder = new TextEncoder()

const hkdf = (info: string) => ({
  name: "HKDF",
  hash: "SHA-256",
  salt: new Uint8Array(),
  info: encoder.encode(info),
})

/** Derives the encryption key and its public id from one of the server's secrets. */
const deriveKey = async (secret: Uint8Array<ArrayBuffer>) => {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey", "deriveBits"])
  const id = await crypto.subtle.deriveBits(hkdf("parley secret box key id"), base, 48)
  const aesGcm = { name: "AES-GCM", length: 256 }
  const key = await crypto.subtle.deriveKey(hkdf("parley secret box key"), base, aesGcm, false, [
    "encrypt",
    "decrypt",
  ])
  return { prefix: `${Buffer.from(id).toString("base64url")}.`, key }
}

const algorithm = (nonce: Uint8Array<ArrayBuffer>, { userId, purpose }: SecretOwner) => ({
  name: "AES-GCM",
  iv: nonce,
  additionalData: encoder.encode(JSON.stringify([purpose, userId])),
})

/**
 * Implements the port with AES-256-GCM. Keys are derived from the secret that signs access tokens, and from
 * `JWT_SECRET_PREVIOUS`, which only decrypts. A sealed secret is `KEY-ID.BASE64URL(nonce, ciphertext)`.
 */
export const layer = Layer.effect(
  SecretBox,
  Effect.gen(function* () {
    const derive = (secret: Uint8Array<ArrayBuffer>) => Effect.promise(() => deriveKey(secret))
    const current = yield* derive(yield* signingKey)
    const previous = Option.match(yield* previousJwtSecret, {
      onNone: () => Effect.succeedNone,
      onSome: (secret) => Effect.asSome(derive(encoder.encode(Redacted.value(secret)))),
    })
    const keys = [current, ...Option.toArray(yield* previous)]
    return {
      prefix: current.prefix,
      seal: (secret, owner) =>
        Effect.promise(async () => {
          const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH))
          const plain = encoder.encode(Redacted.value(secret))
          const encrypted = await crypto.subtle.encrypt(algorithm(nonce, owner), current.key, plain)
          return current.prefix + Buffer.concat([nonce, new Uint8Array(encrypted)]).toString("base64url")
        }),
      open: (sealed, owner) =>
        Effect.tryPromise({
          try: async () => {
            const used = keys.find(({ prefix }) => sealed.startsWith(prefix))
            if (used === undefined) throw new SecretUnreadable()
            const bytes = new Uint8Array(Buffer.from(sealed.slice(used.prefix.length), "base64url"))
            const parameters = algorithm(bytes.slice(0, NONCE_LENGTH), owner)
            const plain = await crypto.subtle.decrypt(parameters, used.key, bytes.slice(NONCE_LENGTH))
            return Redacted.make(new TextDecoder().decode(plain))
          },
          catch: () => new SecretUnreadable(),
        }),
    }
  }),
)
