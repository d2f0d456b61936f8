import { Data } from "effect"

export class ImageNotFound extends Data.TaggedError("ImageNotFound") {
  override get message() {
    return "There is no such image."
  }
}

/** No provider has a model of this name that supports image output. */
export class ImageModelNotFound extends Data.TaggedError("ImageModelNotFound")<{ readonly model: string }> {
  override get message() {
    return `No image model named ${this.model} is available here.`
  }
}

/** The model generated no image. `code` identifies the cause: `MODEL_RATE_LIMITED`. */
export class ImageGenerationFailed extends Data.TaggedError("ImageGenerationFailed")<{
  readonly code: string
  readonly message: string
  /** Seconds to wait before retrying, if the provider sent them. */
  readonly retryAfter?: number
}> {}

/** A reference image cannot be used. */
export class InvalidInputImage extends Data.TaggedError("InvalidInputImage")<{ readonly message: string }> {}
