import { Data } from "effect"

export class FileNotFound extends Data.TaggedError("FileNotFound") {
  override get message() {
    return "There is no such file."
  }
}

/** An uploaded file is larger than allowed. */
export class FileTooLarge extends Data.TaggedError("FileTooLarge")<{
  /** In bytes. */
  readonly limit: number
}> {
  override get message() {
    return `The file is larger than the ${this.limit} bytes allowed.`
  }
}

/** The file is empty, too large, of an unsupported type, or not decodable. */
export class InvalidFile extends Data.TaggedError("InvalidFile")<{ readonly message: string }> {}
