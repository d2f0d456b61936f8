import { Data } from "effect"

/** It is not there, or not for this actor to see: the two look alike. */
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
