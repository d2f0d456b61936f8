import { Data } from "effect"

/** The file is not an image that a thumbnail can be made of. */
export class ThumbnailUnavailable extends Data.TaggedError("ThumbnailUnavailable") {
  override get message() {
    return "There is no thumbnail of this file: it is not a PNG, JPEG, WebP or GIF image, is broken, or has too many pixels."
  }
}
