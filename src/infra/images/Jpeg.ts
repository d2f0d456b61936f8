const START_OF_SCAN = Buffer.from([0xff, 0xda])

/**
 * Returns whether a JPEG, with the images embedded in it, has more scans than this. A file of a few megabytes
 * may have a hundred thousand, each of which costs as much as decoding all the pixels.
 */
export const hasMoreScans = (bytes: Uint8Array, limit: number): boolean => {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let count = 0
  for (let at = jpeg.indexOf(START_OF_SCAN); at !== -1; at = jpeg.indexOf(START_OF_SCAN, at + 2))
    if (++count > limit) return true
  return false
}
