import { Data } from "effect"

/** The session does not exist or belongs to another user; the two are indistinguishable on purpose. */
export class ArenaSessionNotFound extends Data.TaggedError("ArenaSessionNotFound") {
  override get message() {
    return "There is no such arena session."
  }
}

/** There are too few or too many assistants to compare, or one of them twice. */
export class InvalidAssistantCount extends Data.TaggedError("InvalidAssistantCount")<{
  readonly message: string
}> {}

/** The last prompt is still being answered; since answers are compared side by side, the next one must wait. */
export class GenerationInProgress extends Data.TaggedError("GenerationInProgress") {
  override get message() {
    return "The last message is still being answered. Wait for the answers, or stop them."
  }
}
