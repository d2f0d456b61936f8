import { Data } from "effect"

/** It is not there, or not for this actor to see: the two look alike. */
export class ArenaSessionNotFound extends Data.TaggedError("ArenaSessionNotFound") {
  override get message() {
    return "There is no such arena session."
  }
}

/** Too few or too many assistants are to answer side by side, or one of them twice. */
export class WrongLanes extends Data.TaggedError("WrongLanes")<{ readonly message: string }> {}

/** Answers are judged side by side: the next prompt waits until all to the last one are there. */
export class ArenaBusy extends Data.TaggedError("ArenaBusy") {
  override get message() {
    return "The last message is still being answered. Wait for the answers, or stop them."
  }
}
