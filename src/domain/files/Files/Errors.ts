import { Data } from "effect"

export class FileNotFound extends Data.TaggedError("FileNotFound") {
  override get message() {
    return "There is no such file."
  }
}

/** It is too large, of a kind that is not taken, or no file at all. */
export class FileRefused extends Data.TaggedError("FileRefused")<{ readonly message: string }> {}
