import { Data } from "effect"
import type { MfaProofMethod } from "../MfaMethods/Model"

/** The password is right, but the account has a second factor. No session was created. */
export class TwoFactorRequired extends Data.TaggedError("TwoFactorRequired")<{
  /** Proves the password for five minutes, together with a second factor. */
  readonly challengeToken: string
  readonly methods: ReadonlyArray<MfaProofMethod>
}> {
  override get message() {
    return "This account needs a second factor to sign in."
  }
}

/** The challenge is unknown, used, expired, or was tried too often. */
export class InvalidChallenge extends Data.TaggedError("InvalidChallenge") {
  override get message() {
    return "The sign-in has expired or was tried too often. Sign in again."
  }
}
