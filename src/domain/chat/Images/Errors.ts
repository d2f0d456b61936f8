import { Data } from "effect"

export class ImageNotFound extends Data.TaggedError("ImageNotFound") {
  override get message() {
    return "There is no such image."
  }
}

/** No provider has a model of this name that draws. */
export class ImageModelNotFound extends Data.TaggedError("ImageModelNotFound")<{ readonly model: string }> {
  override get message() {
    return `No model named ${this.model} draws here.`
  }
}

/** The model drew nothing. The code says why: `MODEL_RATE_LIMITED`. */
export class DrawingFailed extends Data.TaggedError("DrawingFailed")<{
  readonly code: string
  readonly message: string
  /** Seconds to wait before the next try, where the provider told. */
  readonly retryAfter?: number
}> {}

/** A picture to begin from cannot be used. */
export class InputImageRefused extends Data.TaggedError("InputImageRefused")<{ readonly message: string }> {}
