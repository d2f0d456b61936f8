import { Effect, Layer, Option } from "effect"
import { ImageResizer } from "../../domain/files/ImageResizer"
import { orientationOf } from "./Exif"
import { hasMoreScans } from "./Jpeg"
import { firstFrameOf } from "./Webp"

/** The largest width and height of a thumbnail. */
const BOX = 320

/** The most pixels that are decoded: what the cameras of phones make, with 4 bytes of memory for each. */
const MAX_PIXELS = 50_000_000

/** The most scans of a JPEG. Encoders make about ten, and each costs as much as decoding all the pixels. */
const MAX_JPEG_SCANS = 100

const formats: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "gif"])

/** Turns an image upright as its EXIF orientation says, from 1 to 8; mirroring follows rotation. */
const orient = (image: Bun.Image, orientation: number): Bun.Image => {
  if (orientation === 2) return image.flop()
  if (orientation === 3) return image.rotate(180)
  if (orientation === 4) return image.flip()
  if (orientation === 5) return image.rotate(90).flop()
  if (orientation === 6) return image.rotate(90)
  if (orientation === 7) return image.rotate(90).flip()
  return orientation === 8 ? image.rotate(270) : image
}

const makeThumbnail = async (bytes: Uint8Array): Promise<Uint8Array | undefined> => {
  if (bytes.byteLength === 0) return undefined
  const { format } = await new Bun.Image(bytes).metadata()
  if (!formats.has(format)) return undefined
  if (format === "jpeg" && hasMoreScans(bytes, MAX_JPEG_SCANS)) return undefined
  const still = format === "webp" ? firstFrameOf(bytes) : bytes
  const decoded = new Bun.Image(still, { maxPixels: MAX_PIXELS })
  // It applies the orientation of a JPEG itself.
  const upright = format === "jpeg" ? decoded : orient(decoded, orientationOf(bytes, format))
  return await upright
    .resize(BOX, BOX, { fit: "inside", withoutEnlargement: true })
    .webp({ quality: 80 })
    .bytes()
}

/** Whether a failure is the image's, rather than a defect. */
const isImageError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_IMAGE_")

/**
 * Implements the port with `Bun.Image`, which decodes on threads of its own, limits the pixels by the header,
 * and writes no metadata other than a colour profile.
 */
export const layer = Layer.succeed(ImageResizer, {
  thumbnail: (image) =>
    Effect.tryPromise({ try: () => makeThumbnail(image), catch: (error) => error }).pipe(
      Effect.catchIf(isImageError, () => Effect.succeed(undefined)),
      Effect.orDie,
      Effect.map(Option.fromNullable),
    ),
})
