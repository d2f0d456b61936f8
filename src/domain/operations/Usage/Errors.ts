import { Data } from "effect"

/** What is left of the user's limit does not cover this call. */
export class TokenLimitReached extends Data.TaggedError("TokenLimitReached") {
  override get message() {
    return "Token limit reached: what is left of your limit does not cover this message and its answer."
  }
}
