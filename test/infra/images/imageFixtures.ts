import { crc32, deflateSync } from "node:zlib"

/** A chunk of a PNG. */
export const pngChunk = (name: string, data: Uint8Array): Buffer => {
  const chunk = Buffer.alloc(12 + data.byteLength)
  chunk.writeUInt32BE(data.byteLength)
  chunk.write(name, 4, "latin1")
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), 8 + data.byteLength)
  return chunk
}

/** Makes an RGBA PNG, of 8 or 16 bits per channel; `pixel` returns channels from 0 to 255. */
export const makePng = (
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly [number, number, number, number],
  { depth = 8, chunks = [] }: { readonly depth?: 8 | 16; readonly chunks?: ReadonlyArray<Buffer> } = {},
): Buffer => {
  const bytes = depth / 8
  const rowSize = 1 + width * 4 * bytes
  const rows = Buffer.alloc(rowSize * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (const [channel, value] of pixel(x, y).entries()) {
        const at = y * rowSize + 1 + (x * 4 + channel) * bytes
        rows[at] = value
        rows[at + bytes - 1] = value
      }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([depth, 6], 8)
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    ...chunks,
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0)),
  ])
}

/** TIFF data, as in EXIF, with an orientation and a text. */
export const makeExif = (orientation: number): Buffer =>
  Buffer.concat([
    Buffer.from("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", "latin1"),
    Buffer.from([orientation]),
    Buffer.from("\0\0\0\0\0\0GPS of a home", "latin1"),
  ])

/** A segment of a JPEG. */
export const jpegSegment = (marker: number, data: Uint8Array): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.byteLength + 2, 2)
  return Buffer.concat([head, data])
}

const startOfImage = Buffer.from([0xff, 0xd8])
const endOfImage = Buffer.from([0xff, 0xd9])
const quantization = jpegSegment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1)]))

/** A Huffman table with one code, of one bit. */
const huffman = (id: number, symbol: number) =>
  jpegSegment(0xc4, Buffer.from([id, 1, ...Array<number>(15).fill(0), symbol]))

/** A JPEG of 8 × 8 pixels in CMYK, as Adobe's programs write it. */
export const cmykJpeg = Buffer.concat([
  startOfImage,
  jpegSegment(0xee, Buffer.from("Adobe\0\x64\0\0\0\0\0", "latin1")),
  quantization,
  jpegSegment(0xc0, Buffer.from([8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0])),
  huffman(0, 0),
  huffman(0x10, 0),
  jpegSegment(0xda, Buffer.from([4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0])),
  Buffer.from([0]),
  endOfImage,
])

/** A progressive JPEG of `width` × `width` grey pixels, whose scans add nothing. */
export const manyScansJpeg = (width: number, scans: number): Buffer => {
  const blocks = Math.ceil(width / 8) ** 2
  const runs = Math.ceil(blocks / 2 ** 14)
  const scan = Buffer.concat([
    jpegSegment(0xda, Buffer.from([1, 1, 0, 1, 63, 0])),
    Buffer.alloc(Math.ceil((runs * 15) / 8)),
  ])
  const size = [width >> 8, width & 0xff]
  return Buffer.concat([
    startOfImage,
    quantization,
    jpegSegment(0xc2, Buffer.from([8, ...size, ...size, 1, 1, 0x11, 0])),
    huffman(0, 0),
    huffman(0x10, 0xe0),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])),
    Buffer.alloc(Math.ceil(blocks / 8)),
    ...Array<Buffer>(scans).fill(scan),
    endOfImage,
  ])
}

const riffChunk = (name: string, data: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head.write(name, "latin1")
  head.writeUInt32LE(data.byteLength, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.byteLength % 2)])
}

/** Makes an extended WebP of the chunks of a simple one. */
export const makeWebp = (
  width: number,
  height: number,
  flags: number,
  chunks: ReadonlyArray<readonly [name: string, data: Uint8Array]>,
): Buffer => {
  const header = Buffer.alloc(10)
  header[0] = flags
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  const all = [riffChunk("VP8X", header), ...chunks.map(([name, data]) => riffChunk(name, data))]
  return riffChunk("RIFF", Buffer.concat([Buffer.from("WEBP"), ...all]))
}

/** Makes an animated WebP of still ones of this size. */
export const animatedWebp = (width: number, height: number, stills: ReadonlyArray<Uint8Array>): Buffer =>
  makeWebp(width, height, 0x12, [
    ["ANIM", Buffer.alloc(6)],
    ...stills.map((still): readonly [string, Uint8Array] => {
      const header = Buffer.alloc(16)
      header.writeUIntLE(width - 1, 6, 3)
      header.writeUIntLE(height - 1, 9, 3)
      return ["ANMF", Buffer.concat([header, still.subarray(12)])]
    }),
  ])

/** Makes an animated GIF of 2 × 1 pixels, with a frame in each of these colors. */
export const animatedGif = (...colors: ReadonlyArray<readonly [number, number, number]>): Buffer =>
  Buffer.concat([
    Buffer.from("GIF89a\x02\0\x01\0\x80\0\0", "latin1"),
    Buffer.from([0, 0, 0, 255, 255, 255]),
    ...colors.map((color) =>
      Buffer.from([
        ...[0x21, 0xf9, 4, 0, 10, 0, 0, 0],
        ...[0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0x80, ...color, 0, 0, 0],
        // LZW: clear, 0, 0, end, in codes of 3 bits.
        ...[2, 2, 0x04, 0x0a, 0],
      ]),
    ),
    Buffer.from([0x3b]),
  ])
