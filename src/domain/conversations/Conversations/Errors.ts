import { Data } from "effect"

/** The conversation does not exist or is hidden from the actor; the two are indistinguishable. */
export class ConversationNotFound extends Data.TaggedError("ConversationNotFound") {
  override get message() {
    return "There is no such conversation."
  }
}

export class MessageNotFound extends Data.TaggedError("MessageNotFound") {
  override get message() {
    return "There is no such message."
  }
}
