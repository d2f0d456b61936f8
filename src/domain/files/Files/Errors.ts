import { Data } from "effect"

export class FileNotFound extends Data.TaggedError("FileNotFound") {
  override get message() {
    return "There is no such file."
  }
}

/** The file is empty, too large, of an unsupported type, or not decodable. */
export class InvalidFile extends Data.TaggedError("InvalidFile")<{ readonly message: string }> {}
