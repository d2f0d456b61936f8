interface Chunk {
  readonly name: string
  readonly data: Uint8Array
}

const HEADER = 12

/** The most chunks that are looked at: thousands of frames, but not millions of empty chunks. */
const MAX_CHUNKS = 10_000

const textAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new DataView(buffer, byteOffset, byteLength)

/** Returns the first chunks of a RIFF container from an offset on, up to one that is cut off. */
function* chunksOf(bytes: Uint8Array, offset: number): Generator<Chunk> {
  const view = viewOf(bytes)
  for (let at = offset, count = 0; at + 8 <= bytes.byteLength && count < MAX_CHUNKS; count++) {
    const end = at + 8 + view.getUint32(at + 4, true)
    if (end > bytes.byteLength) return
    yield { name: textAt(bytes, at), data: bytes.subarray(at + 8, end) }
    at = end + (end % 2)
  }
}

/** Returns the data of the first chunk with a name; undefined if there is none. */
export const webpChunk = (bytes: Uint8Array, name: string): Uint8Array | undefined =>
  chunksOf(bytes, HEADER).find((chunk) => chunk.name === name)?.data

/** The bytes of a frame before its own chunks: position, size, duration and flags. */
const FRAME_HEADER = 16

const HAS_ALPHA = 0x10

const chunk = (name: string, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head.write(name, "latin1")
  head.writeUInt32LE(data.byteLength, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.byteLength % 2)])
}

/** Returns the first frame of an animation as an image of its own; the bytes themselves of a still image. */
export const firstFrameOf = (bytes: Uint8Array): Uint8Array => {
  const frame = webpChunk(bytes, "ANMF")
  if (frame === undefined || frame.byteLength < FRAME_HEADER) return bytes
  const header = Buffer.alloc(10)
  header[0] = HAS_ALPHA
  // Width and height less one, of three bytes each.
  header.set(frame.subarray(6, 12), 4)
  const image = Buffer.concat([
    Buffer.from("WEBP"),
    chunk("VP8X", header),
    ...chunksOf(frame, FRAME_HEADER)
      .filter(({ name }) => name !== "ANMF")
      .map(({ name, data }) => chunk(name, data)),
  ])
  return chunk("RIFF", image)
}
