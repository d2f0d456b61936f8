import { Data } from "effect"

/** No proof of who is asking, or none that still holds. */
export class NotSignedIn extends Data.TaggedError("NotSignedIn") {
  override get message() {
    return "Sign in to do this: the access token is missing, invalid or expired."
  }
}

/** The refresh token is unknown, used up, or of a session that has ended. */
export class RefreshRefused extends Data.TaggedError("RefreshRefused") {
  override get message() {
    return "The refresh token is invalid, used or expired. Sign in again."
  }
}
