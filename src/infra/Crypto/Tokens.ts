import { Duration, Effect, Layer, Schema } from "effect"
import { jwtVerify, SignJWT } from "jose"
import { InvalidToken, type Secret, Tokens } from "../../domain/identity/Tokens"
import { SessionId, UserId } from "../../domain/kernel/Actor"
import { signingKey } from "./SigningKey"

const issuer = "parley"
const header = { alg: "HS256", typ: "at+jwt" }
const Claims = Schema.Struct({ sub: UserId, sid: SessionId })

const fingerprint = (value: string): Uint8Array => new Bun.CryptoHasher("sha256").update(value).digest()

const mint = Effect.sync((): Secret => {
  const value = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")
  return { value, hash: fingerprint(value) }
})

/** Access tokens are JWTs, signed with HMAC-SHA-256; the other secrets are random and kept as SHA-256. */
export const layer = Layer.effect(
  Tokens,
  Effect.gen(function* () {
    const bytes = yield* signingKey
    const key = yield* Effect.promise(() =>
      crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]),
    )
    const decode = Schema.decodeUnknown(Claims)
    return {
      signAccess: ({ userId, sessionId }, lifetime) =>
        Effect.promise(() => {
          const now = Math.floor(Date.now() / 1000)
          return new SignJWT({ sid: sessionId })
            .setProtectedHeader(header)
            .setIssuer(issuer)
            .setSubject(userId)
            .setJti(crypto.randomUUID())
            .setIssuedAt(now)
            .setExpirationTime(now + Duration.toSeconds(lifetime))
            .sign(key)
        }),
      verifyAccess: (token) =>
        Effect.tryPromise(() =>
          jwtVerify(token, key, { issuer, typ: header.typ, algorithms: [header.alg] }),
        ).pipe(
          Effect.flatMap(({ payload }) => decode(payload)),
          Effect.map(({ sub, sid }) => ({ userId: sub, sessionId: sid })),
          Effect.mapError(() => new InvalidToken()),
        ),
      mint,
      fingerprint,
    }
  }),
)
