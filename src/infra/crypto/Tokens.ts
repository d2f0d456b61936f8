import { Duration, Effect, Layer, Schema } from "effect"
import { jwtVerify, SignJWT } from "jose"
import { type AccessClaims, InvalidToken, type Secret, Tokens } from "../../domain/identity/Tokens"
import { SessionId, UserId } from "../../domain/shared/Actor"
import { signingKey } from "./SigningKey"

const issuer = "parley"
const header = { alg: "HS256", typ: "at+jwt" }
const Claims = Schema.Struct({ sub: UserId, sid: SessionId })

/**
 * How many tokens are remembered as genuine. Checking a signature takes a trip to another thread;
 * whether a session still holds is asked of the session, not of the signature.
 */
const mostVerified = 20_000

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
    const verified = new Map<string, { readonly claims: AccessClaims; readonly until: number }>()
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
      verifyAccess: (token) => {
        const known = verified.get(token)
        if (known !== undefined && known.until > Date.now()) return Effect.succeed(known.claims)
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
            const claims = { userId: sub, sessionId: sid }
            if (verified.size >= mostVerified) verified.clear()
            verified.set(token, { claims, until: expiry * 1000 })
            return claims
          }),
          Effect.mapError(() => new InvalidToken()),
        )
      },
      mint,
      fingerprint,
    }
  }),
)
