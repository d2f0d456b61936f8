import { Duration, Effect, Layer, Schema } from "effect"
import { jwtVerify, SignJWT } from "jose"
import { SessionId, UserId } from "../../domain/shared/Actor"
import { InvalidToken, type OpaqueToken, Tokens, type VerifiedClaims } from "../../domain/shared/Tokens"
import { signingKey } from "./SigningKey"

const issuer = "parley"
const header = { alg: "HS256", typ: "at+jwt" }
const Claims = Schema.Struct({ sub: UserId, sid: SessionId })

/**
 * Maximum number of verified tokens in the cache, which exists because verifying a signature takes a
 * round trip to another thread. Revocation is checked on the session, not here.
 */
const MAX_CACHED_TOKENS = 20_000

const hash = (value: string): Uint8Array => new Bun.CryptoHasher("sha256").update(value).digest()

const hmac = (key: Uint8Array, value: string): Uint8Array =>
  new Bun.CryptoHasher("sha256", key).update(value).digest()

const generateSecret = Effect.sync((): OpaqueToken => {
  const value = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")
  return { value, hash: hash(value) }
})

/**
 * Implements access tokens as JWTs signed with HMAC-SHA-256; opaque tokens are random and stored as SHA-256
 * hashes.
 */
export const layer = Layer.effect(
  Tokens,
  Effect.gen(function* () {
    const bytes = yield* signingKey
    const key = yield* Effect.promise(() =>
      crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]),
    )
    const codeKey = hmac(bytes, "parley authentication codes")
    const decode = Schema.decodeUnknown(Claims)
    const verified = new Map<string, VerifiedClaims>()
    return {
      signAccessToken: ({ userId, sessionId }, lifetime) =>
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
      verifyAccessToken: (token) => {
        const cached = verified.get(token)
        if (cached !== undefined && cached.expiresAt.getTime() > Date.now()) return Effect.succeed(cached)
        return Effect.tryPromise(() =>
          jwtVerify(token, key, {
            issuer,
            typ: header.typ,
            algorithms: [header.alg],
            requiredClaims: ["exp"],
          }),
        ).pipe(
          Effect.flatMap(({ payload }) => Effect.zip(decode(payload), Effect.succeed(payload.exp ?? 0))),
          Effect.map(([{ sub, sid }, expiry]) => {
            const claims = { userId: sub, sessionId: sid, expiresAt: new Date(expiry * 1000) }
            if (verified.size >= MAX_CACHED_TOKENS) verified.clear()
            verified.set(token, claims)
            return claims
          }),
          Effect.mapError(() => new InvalidToken()),
        )
      },
      generateSecret,
      hash,
      authenticationCode: (value) => hmac(codeKey, value),
    }
  }),
)
