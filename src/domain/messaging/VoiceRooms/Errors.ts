import { Data } from "effect"
import { MAX_PARTICIPANTS } from "./Model"

/** The call does not exist, or is in a channel that the actor is no member of; these look alike. */
export class CallNotFound extends Data.TaggedError("CallNotFound") {
  override get message() {
    return "There is no such call."
  }
}

/** The call was ended or missed before the actor joined. */
export class CallEnded extends Data.TaggedError("CallEnded") {
  override get message() {
    return "The call is over."
  }
}

export class RoomFull extends Data.TaggedError("RoomFull") {
  override get message() {
    return `At most ${MAX_PARTICIPANTS} can take part.`
  }
}
