import { Data } from "effect"

/** It is not there, or not for this actor to see: the two look alike. */
export class GenerationNotFound extends Data.TaggedError("GenerationNotFound") {
  override get message() {
    return "There is no such generation."
  }
}

/** The server is going down and begins nothing new. */
export class ShuttingDown extends Data.TaggedError("ShuttingDown") {
  override get message() {
    return "The server is shutting down. Try again in a moment."
  }
}

/** It ended so long ago that its log is gone; the messages are all that is left of it. */
export class LogExpired extends Data.TaggedError("LogExpired") {
  override get message() {
    return "The log of this generation is no longer kept. Read the conversation's messages instead."
  }
}
