import { Data } from "effect"

/** The invite does not exist, or is not for the actor's verified email address; the two look alike. */
export class InviteNotFound extends Data.TaggedError("InviteNotFound") {
  override get message() {
    return "There is no such invite."
  }
}

export class InviteNotPending extends Data.TaggedError("InviteNotPending") {
  override get message() {
    return "This invite was answered or cancelled or has expired."
  }
}

export class AlreadyInvited extends Data.TaggedError("AlreadyInvited") {
  override get message() {
    return "This email address has a pending invite already."
  }
}
