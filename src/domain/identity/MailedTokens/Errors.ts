import { Data } from "effect"

/** The token of a mail is unknown, used or expired, or for something else. */
export class InvalidMailedToken extends Data.TaggedError("InvalidMailedToken") {
  override get message() {
    return "The token is invalid, used or expired. Request a new mail."
  }
}
