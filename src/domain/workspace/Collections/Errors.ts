import { Data } from "effect"

export class CollectionNotFound extends Data.TaggedError("CollectionNotFound") {
  override get message() {
    return "There is no such collection."
  }
}
