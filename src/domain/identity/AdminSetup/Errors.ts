import { Data } from "effect"

/** The token of a setup link is unknown, used or expired, or the server has an administrator. */
export class InvalidSetupToken extends Data.TaggedError("InvalidSetupToken") {
  override get message() {
    return "The link is invalid, used or expired. While there is no administrator, each start of the server prints another."
  }
}
