import { Data } from "effect"

/** The API key does not exist or belongs to another user; the two look alike. */
export class ApiKeyNotFound extends Data.TaggedError("ApiKeyNotFound") {
  override get message() {
    return "There is no such API key."
  }
}
