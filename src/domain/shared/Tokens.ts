import { Context, Data, type Duration, type Effect } from "effect"
import type { SessionId, UserId } from "./Actor"

/** The claims of an access token. Whether it is still valid depends on its session. */
export interface AccessClaims {
  readonly userId: UserId
  readonly sessionId: SessionId
}

/** The claims of a token that was verified, and when it expires. */
export interface VerifiedClaims extends AccessClaims {
  readonly expiresAt: Date
}

export class InvalidToken extends Data.TaggedError("InvalidToken") {
  override get message() {
    return "The token is invalid or has expired."
  }
}

/** A random secret to give to a client, with the hash of it to store. */
export interface OpaqueToken {
  readonly value: string
  readonly hash: Uint8Array
}

/** Issues and verifies access tokens, and generates and hashes opaque tokens. */
export class Tokens extends Context.Tag("Tokens")<
  Tokens,
  {
    readonly signAccessToken: (claims: AccessClaims, ttl: Duration.Duration) => Effect.Effect<string>
    readonly verifyAccessToken: (token: string) => Effect.Effect<VerifiedClaims, InvalidToken>
    /** Generates a token of 256 random bits. */
    readonly generateSecret: Effect.Effect<OpaqueToken>
    readonly hash: (value: string) => Uint8Array
    /** Returns a code that only this server can make, for it to recognize a value that it issued. */
    readonly authenticationCode: (value: string) => Uint8Array
  }
>() {}
