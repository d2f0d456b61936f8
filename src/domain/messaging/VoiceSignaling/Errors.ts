import { Data } from "effect"

/** The actor, or the user that a signal is for, is not in the room. */
export class NotParticipating extends Data.TaggedError("NotParticipating")<{
  readonly who: "actor" | "other"
}> {
  override get message() {
    return this.who === "actor"
      ? "You are not taking part. Join first."
      : "The user in `to` is not taking part."
  }
}

export class SignalTooLarge extends Data.TaggedError("SignalTooLarge") {
  override get message() {
    return "The signal is too large."
  }
}
