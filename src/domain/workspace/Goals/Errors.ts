import { Data } from "effect"

export class GoalNotFound extends Data.TaggedError("GoalNotFound") {
  override get message() {
    return "There is no such goal."
  }
}
