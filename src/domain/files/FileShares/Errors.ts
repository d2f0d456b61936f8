import { Data } from "effect"

export class FileShareNotFound extends Data.TaggedError("FileShareNotFound") {
  override get message() {
    return "There is no such shared file."
  }
}

/** The share has expired, was downloaded as often as it may be, or was revoked or replaced. */
export class FileShareExpired extends Data.TaggedError("FileShareExpired") {
  override get message() {
    return "This file is no longer shared."
  }
}

/** The requested time of expiry is not in the future. */
export class InvalidFileShareExpiry extends Data.TaggedError("InvalidFileShareExpiry") {
  override get message() {
    return "expires_at must be in the future."
  }
}
