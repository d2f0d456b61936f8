import { Data } from "effect"

/** The conversation does not exist or is hidden from the actor; the two are indistinguishable. */
export class ConversationNotFound extends Data.TaggedError("ConversationNotFound") {
  override get message() {
    return "There is no such conversation."
  }
}

/** The operation needs a message, and the conversation has none yet. */
export class ConversationEmpty extends Data.TaggedError("ConversationEmpty") {
  override get message() {
    return "The conversation has no messages yet."
  }
}

export class MessageNotFound extends Data.TaggedError("MessageNotFound") {
  override get message() {
    return "There is no such message."
  }
}
