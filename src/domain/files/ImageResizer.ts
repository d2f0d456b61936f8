import { Context, type Effect, type Option } from "effect"

/** The media type of thumbnails. */
export const thumbnailMediaType = "image/webp"

/** Makes thumbnails of images. */
export class ImageResizer extends Context.Tag("ImageResizer")<
  ImageResizer,
  {
    /**
     * Returns the image as WebP of at most 320 × 320 pixels, upright and without metadata: the first frame of
     * an animation, and never larger than the original. None for what is not a PNG, JPEG, WebP or GIF image,
     * is broken, or has too many pixels, which is known before any is decoded.
     */
    readonly thumbnail: (image: Uint8Array) => Effect.Effect<Option.Option<Uint8Array>>
  }
>() {}
