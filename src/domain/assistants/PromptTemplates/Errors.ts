import { Data } from "effect"

export class PromptTemplateNotFound extends Data.TaggedError("PromptTemplateNotFound") {
  override get message() {
    return "There is no such prompt template."
  }
}
