import { Data } from "effect"

/** The code or the response is wrong, or was used before. */
export class InvalidTwoFactorCode extends Data.TaggedError("InvalidTwoFactorCode") {
  override get message() {
    return "The code is wrong, expired or used."
  }
}

/** There is nothing to verify: the enrollment was not started, expired, or was tried too often. */
export class EnrollmentNotFound extends Data.TaggedError("EnrollmentNotFound") {
  override get message() {
    return "There is nothing to verify. Start again."
  }
}

export class MethodAlreadyEnabled extends Data.TaggedError("MethodAlreadyEnabled") {
  override get message() {
    return "This method is enabled already."
  }
}

export class MethodNotEnabled extends Data.TaggedError("MethodNotEnabled") {
  override get message() {
    return "This method is not enabled."
  }
}

/** The server cannot send text messages, or the method sends nothing. */
export class MethodUnavailable extends Data.TaggedError("MethodUnavailable") {
  override get message() {
    return "This method is not available."
  }
}

/** Too many codes or passwords were tried, or codes sent, for one account or to one destination. */
export class TooManyCodes extends Data.TaggedError("TooManyCodes")<{
  /** Seconds to wait. */
  readonly retryAfter: number
}> {
  override get message() {
    return "Too many codes or passwords. Please try again later."
  }
}
