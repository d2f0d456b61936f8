import { Data } from "effect"

/** The access token or session cookie is missing, invalid, expired or revoked. */
export class Unauthenticated extends Data.TaggedError("Unauthenticated") {
  override get message() {
    return "Sign in to do this: the access token is missing, invalid or expired."
  }
}

/** The refresh token is unknown, used, or belongs to a session that expired or was revoked. */
export class InvalidRefreshToken extends Data.TaggedError("InvalidRefreshToken") {
  override get message() {
    return "The refresh token is invalid, used or expired. Sign in again."
  }
}
