import { Data } from "effect"

export class AssistantNotFound extends Data.TaggedError("AssistantNotFound") {
  override get message() {
    return "There is no such assistant."
  }
}
