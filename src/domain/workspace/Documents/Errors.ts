import { Data } from "effect"

export class DocumentNotFound extends Data.TaggedError("DocumentNotFound") {
  override get message() {
    return "There is no such document."
  }
}
