import { webpChunk } from "./Webp"

const ORIENTATION = 0x0112

/** The TIFF type of numbers of two bytes. */
const SHORT = 3

/** The most chunks of a PNG that are looked at: not millions of empty ones. */
const MAX_CHUNKS = 10_000

/** Returns the EXIF data of a PNG, which begins as TIFF does; undefined if there is none. */
const pngExif = (bytes: Uint8Array): Uint8Array | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8, count = 0; at + 12 <= bytes.byteLength && count < MAX_CHUNKS; count++) {
    const length = view.getUint32(at)
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (name === "eXIf") return bytes.subarray(at + 8, at + 8 + length)
    at += 12 + length
  }
  return undefined
}

/** Returns the orientation in TIFF data, from 1 to 8; 1, which is upright, if there is none. */
const tiffOrientation = (tiff: Uint8Array): number => {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  try {
    const isLittleEndian = view.getUint16(0) === 0x4949
    const directory = view.getUint32(4, isLittleEndian)
    const count = view.getUint16(directory, isLittleEndian)
    for (let entry = directory + 2; entry < directory + 2 + 12 * count; entry += 12) {
      if (view.getUint16(entry, isLittleEndian) !== ORIENTATION) continue
      return view.getUint16(entry + 2, isLittleEndian) === SHORT
        ? view.getUint16(entry + 8, isLittleEndian)
        : 1
    }
  } catch {
    // It is cut off: a DataView throws beyond its end.
  }
  return 1
}

const exifOf = (bytes: Uint8Array, format: Bun.Image.Format): Uint8Array | undefined => {
  if (format === "webp") return webpChunk(bytes, "EXIF")
  return format === "png" ? pngExif(bytes) : undefined
}

/** Returns the EXIF orientation of a PNG or WebP image, from 1 to 8; 1, which is upright, for all others. */
export const orientationOf = (bytes: Uint8Array, format: Bun.Image.Format): number => {
  const exif = exifOf(bytes, format)
  if (exif === undefined) return 1
  // Some encoders write the prefix that JPEG needs.
  const hasPrefix = String.fromCharCode(...exif.subarray(0, 4)) === "Exif"
  return tiffOrientation(hasPrefix ? exif.subarray(6) : exif)
}
