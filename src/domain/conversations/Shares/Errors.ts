import { Data } from "effect"

export class ShareNotFound extends Data.TaggedError("ShareNotFound") {
  override get message() {
    return "There is no such shared conversation."
  }
}

/** The share has expired, or it was revoked or deleted with its conversation. */
export class ShareExpired extends Data.TaggedError("ShareExpired") {
  override get message() {
    return "This conversation is no longer shared."
  }
}

/** The requested time of expiry is not in the future. */
export class InvalidShareExpiry extends Data.TaggedError("InvalidShareExpiry") {
  override get message() {
    return "expiresAt must be in the future."
  }
}
