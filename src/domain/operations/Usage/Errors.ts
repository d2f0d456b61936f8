import { Data } from "effect"

/** The remainder of the user's token limit does not cover the call. */
export class TokenLimitReached extends Data.TaggedError("TokenLimitReached") {
  override get message() {
    return "Token limit reached: the rest of your limit does not cover this message and its answer."
  }
}
