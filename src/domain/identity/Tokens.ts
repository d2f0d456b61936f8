import { Context, Data, type Duration, type Effect } from "effect"
import type { SessionId, UserId } from "../shared/Actor"

/** What an access token says. Whether it still holds is for the session it names to say. */
export interface AccessClaims {
  readonly userId: UserId
  readonly sessionId: SessionId
}

export class InvalidToken extends Data.TaggedError("InvalidToken") {
  override get message() {
    return "The token is invalid or has expired."
  }
}

/** A random secret to hand out, and the fingerprint of it to keep. */
export interface Secret {
  readonly value: string
  readonly hash: Uint8Array
}

/** The making and checking of what proves who someone is. */
export class Tokens extends Context.Tag("Tokens")<
  Tokens,
  {
    readonly signAccess: (claims: AccessClaims, lifetime: Duration.Duration) => Effect.Effect<string>
    readonly verifyAccess: (token: string) => Effect.Effect<AccessClaims, InvalidToken>
    /** 256 random bits. */
    readonly mint: Effect.Effect<Secret>
    readonly fingerprint: (value: string) => Uint8Array
  }
>() {}
