import { Data } from "effect"

/** The post does not exist, was deleted or is in a channel that the actor does not see; these look alike. */
export class PostNotFound extends Data.TaggedError("PostNotFound") {
  override get message() {
    return "There is no such message."
  }
}

/** The author has sent another message to the channel with the same key. */
export class ClientIdTaken extends Data.TaggedError("ClientIdTaken") {
  override get message() {
    return "You have sent another message with this client_id."
  }
}

export class ReactionNotFound extends Data.TaggedError("ReactionNotFound") {
  override get message() {
    return "You have not reacted with this emoji."
  }
}
