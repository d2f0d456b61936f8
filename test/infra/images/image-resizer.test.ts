import { expect } from "bun:test"
import { inflateSync } from "node:zlib"
import { Effect, Option } from "effect"
import { ImageResizer } from "../../../src/domain/files/ImageResizer"
import { layer as imageResizer } from "../../../src/infra/images/ImageResizer"
import { layer } from "../../support/it"
import {
  animatedGif,
  animatedWebp,
  cmykJpeg,
  jpegSegment,
  makeExif,
  makePng,
  makeWebp,
  manyScansJpeg,
  pngChunk,
} from "./imageFixtures"

type Pixel = readonly [red: number, green: number, blue: number, alpha: number]

const thumbnail = (image: Uint8Array) =>
  Effect.map(
    Effect.flatMap(ImageResizer, (resizer) => resizer.thumbnail(image)),
    Option.getOrUndefined,
  )

/** Decodes an image to its size and pixels. */
const decode = (image: Uint8Array | undefined) =>
  Effect.promise(async () => {
    if (image === undefined) throw new Error("There is no thumbnail")
    const { width, height, format } = await new Bun.Image(image).metadata()
    const png = Buffer.from(await new Bun.Image(image).png({ compressionLevel: 0 }).bytes())
    const data: Array<Buffer> = []
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
      if (png.toString("latin1", at + 4, at + 8) === "IDAT")
        data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
    const rows = inflateSync(Buffer.concat(data))
    const channels = png[25] === 6 ? 4 : 3
    const pixel = (x: number, y: number): Pixel => {
      const row = y * (1 + width * channels)
      expect(rows[row]).toBe(0)
      const [red = -1, green = -1, blue = -1, alpha = 255] = rows.subarray(
        row + 1 + x * channels,
        row + 1 + (x + 1) * channels,
      )
      return [red, green, blue, channels === 4 ? alpha : 255]
    }
    return { size: [width, height], format, pixel }
  })

const sizeOf = (image: Uint8Array) =>
  Effect.map(Effect.flatMap(thumbnail(image), decode), ({ size, format }) => [...size, format])

const corners: ReadonlyArray<readonly [name: string, pixel: Pixel]> = [
  ["a", [255, 0, 0, 255]],
  ["b", [0, 255, 0, 255]],
  ["c", [0, 0, 255, 255]],
  ["d", [255, 255, 255, 255]],
]

/** Returns the name of the color that a pixel is closest to. */
const nameOf = (pixel: Pixel) =>
  corners
    .map(([name, color]) => ({
      name,
      distance: color.reduce((sum, channel, index) => sum + Math.abs(channel - (pixel[index] ?? 0)), 0),
    }))
    .sort((one, other) => one.distance - other.distance)[0]?.name

/** A wide image whose quarters are a b / c d. */
const quarters = (chunks: ReadonlyArray<Buffer> = []) =>
  makePng(40, 20, (x, y) => corners[(x < 20 ? 0 : 1) + (y < 10 ? 0 : 2)]?.[1] ?? [0, 0, 0, 0], { chunks })

const grey = (width: number, height: number) => makePng(width, height, () => [128, 128, 128, 255])

const encode = (png: Uint8Array, format: "jpeg" | "webp") =>
  Effect.promise(() => new Bun.Image(png)[format]({ quality: 95 }).bytes())

layer(imageResizer)("Thumbnails of images", (it) => {
  it.live("fit into 320 × 320 pixels with their proportions, and are never enlarged", () =>
    Effect.gen(function* () {
      for (const [width, height, expected] of [
        [400, 200, [320, 160]],
        [100, 400, [80, 320]],
        [2000, 1, [320, 1]],
        [320, 320, [320, 320]],
        [30, 20, [30, 20]],
        [1, 1, [1, 1]],
      ] as const) {
        const png = grey(width, height)
        for (const image of [png, yield* encode(png, "jpeg"), yield* encode(png, "webp")])
          expect([width, height, yield* sizeOf(image)]).toEqual([width, height, [...expected, "webp"]])
      }
    }),
  )

  it.live("are upright and without metadata, for every EXIF orientation and format that has one", () =>
    Effect.gen(function* () {
      for (const [orientation, expected] of [
        [1, "ab cd"],
        [2, "ba dc"],
        [3, "dc ba"],
        [4, "cd ab"],
        [5, "ac bd"],
        [6, "ca db"],
        [7, "db ca"],
        [8, "bd ac"],
        [9, "ab cd"],
      ] as const) {
        const exif = makeExif(orientation)
        const jpeg = Buffer.from(yield* encode(quarters(), "jpeg"))
        const prefixed = Buffer.concat([Buffer.from("Exif\0\0"), exif])
        const webp = yield* encode(quarters(), "webp")
        const name = Buffer.from(webp).toString("latin1", 12, 16)
        for (const [format, image] of [
          ["jpeg", Buffer.concat([jpeg.subarray(0, 2), jpegSegment(0xe1, prefixed), jpeg.subarray(2)])],
          ["png", quarters([pngChunk("eXIf", exif)])],
          [
            "webp",
            makeWebp(40, 20, 8, [
              [name, webp.subarray(20)],
              ["EXIF", exif],
            ]),
          ],
          [
            "webp with the prefix of JPEG",
            makeWebp(40, 20, 8, [
              [name, webp.subarray(20)],
              ["EXIF", prefixed],
            ]),
          ],
        ] as const) {
          expect(image.includes("GPS of a home")).toBe(true)
          const small = yield* thumbnail(image)
          const { size, pixel } = yield* decode(small)
          const [width = 0, height = 0] = size
          const [left, right, top, bottom] = [width / 4, (3 * width) / 4, height / 4, (3 * height) / 4]
          const shown = [pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom)]
          const [a, b, c, d] = shown.map(nameOf)
          expect([format, orientation, `${a}${b} ${c}${d}`]).toEqual([format, orientation, expected])
          expect(size).toEqual(orientation >= 5 && orientation <= 8 ? [20, 40] : [40, 20])
          expect(Buffer.from(small ?? []).includes("GPS")).toBe(false)
        }
      }
    }),
  )

  it.live("show the first frame of an animation", () =>
    Effect.gen(function* () {
      const frame = (color: Pixel) =>
        encode(
          makePng(40, 20, () => color),
          "webp",
        )
      const [first, second] = [yield* frame([255, 0, 0, 255]), yield* frame([0, 0, 255, 255])]
      for (const image of [animatedGif([255, 0, 0], [0, 0, 255]), animatedWebp(40, 20, [first, second])]) {
        const { pixel } = yield* Effect.flatMap(thumbnail(image), decode)
        expect(nameOf(pixel(0, 0))).toBe("a")
      }
    }),
  )

  it.live("keep transparency, and are made from 16 bits per channel and from CMYK", () =>
    Effect.gen(function* () {
      for (const depth of [8, 16] as const) {
        const image = makePng(20, 20, (x) => [255, 0, 0, x < 10 ? 0 : 255], { depth })
        const { pixel } = yield* Effect.flatMap(thumbnail(image), decode)
        expect([depth, pixel(2, 10)[3], pixel(17, 10)[3]]).toEqual([depth, 0, 255])
      }
      expect(yield* sizeOf(cmykJpeg)).toEqual([8, 8, "webp"])
    }),
  )

  it.live("are not made of other formats, or of images that are broken", () =>
    Effect.gen(function* () {
      const png = grey(100, 100)
      const webp = yield* encode(png, "webp")
      const jpeg = yield* encode(png, "jpeg")
      const animation = animatedWebp(40, 20, [webp])
      const bmp = Buffer.from(
        "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0\0",
        "latin1",
      )
      const corrupt = Buffer.from(png)
      corrupt.fill(0x55, Math.floor(png.length / 2))
      for (const [name, image] of [
        ["empty", Buffer.alloc(0)],
        ["text", Buffer.from("hello")],
        ["svg", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
        ["bmp", Buffer.concat([bmp, Buffer.alloc(27)])],
        ["tiff", makeExif(1)],
        ["signature of a png", png.subarray(0, 8)],
        ["half a png", png.subarray(0, Math.floor(png.length / 2))],
        ["corrupt png", corrupt],
        ["signature of a jpeg", jpeg.subarray(0, 4)],
        ["half a webp", webp.subarray(0, Math.floor(webp.length / 2))],
        ["animation without frames", animation.subarray(0, 60)],
        ["wrong signature", Buffer.concat([Buffer.from("GIF89a"), png])],
      ] as const)
        expect([name, yield* thumbnail(image)]).toEqual([name, undefined])
    }),
  )

  it.live("are not made of too many pixels, which only the header announces", () =>
    Effect.gen(function* () {
      const png = Buffer.from(grey(10, 10))
      const jpeg = Buffer.from(yield* encode(png, "jpeg"))
      const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
      const lossy = Buffer.from(yield* encode(grey(10, 10), "webp"))
      const gif = animatedGif([0, 0, 0])
      png.writeUInt32BE(60_000, 16)
      png.writeUInt32BE(60_000, 20)
      const header = pngChunk("IHDR", png.subarray(16, 29))
      const bomb = Buffer.concat([png.subarray(0, 8), header, png.subarray(33)])
      jpeg.writeUInt32BE(0xea60_ea60, frame + 5)
      lossy.writeUInt32LE(0x3fff_3fff, 26)
      const screen = gif.indexOf(0x2c)
      gif.writeUInt32LE(0xea60_ea60, screen + 5)
      for (const [name, image] of [
        ["png", bomb],
        ["jpeg", jpeg],
        ["webp", lossy],
        ["gif", gif],
        ["animated webp", animatedWebp(16_383, 16_383, [lossy])],
      ] as const) {
        const before = process.memoryUsage.rss()
        expect([name, yield* thumbnail(image)]).toEqual([name, undefined])
        expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
      }
    }),
  )

  it.live("are not made of a JPEG whose scans would take hours to decode", () =>
    Effect.gen(function* () {
      expect(yield* sizeOf(manyScansJpeg(400, 90))).toEqual([320, 320, "webp"])
      const started = performance.now()
      expect(yield* thumbnail(manyScansJpeg(7000, 20_000))).toBeUndefined()
      expect(performance.now() - started).toBeLessThan(2000)
    }),
  )

  it.live("leave the server responsive while large images are decoded", () =>
    Effect.gen(function* () {
      const large = manyScansJpeg(3000, 50)
      let longest = 0
      let last = performance.now()
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last)
        last = performance.now()
      }, 1)
      const started = performance.now()
      yield* Effect.all([thumbnail(large), thumbnail(large)], { concurrency: 2 })
      const elapsed = performance.now() - started
      clearInterval(timer)
      expect(longest).toBeLessThan(Math.max(elapsed / 2, 50))
    }),
  )
})
