import { Data } from "effect"

/** Too many passwords were tried for an account, from networks that it has not signed in from. */
export class TooManySignIns extends Data.TaggedError("TooManySignIns")<{
  /** In seconds. */
  readonly retryAfter: number
}> {
  override get message() {
    return "Too many attempts to sign in to this account. Please try again later, or reset the password."
  }
}
