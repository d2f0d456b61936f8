import { expect } from "bun:test"
import { Headers, Multipart } from "@effect/platform"
import { Effect, FastCheck, Option, Stream } from "effect"
import { parseMultipart } from "../../../src/infra/bun-http/Multipart"
import { it } from "../../support/it"

const headersOf = (contentType: string) => Headers.fromInput({ "content-type": contentType })

/** Splits bytes into chunks of these sizes, repeated. Like a request, frees each before the next. */
const split = function* (bytes: Uint8Array, sizes: ReadonlyArray<number>) {
  for (let start = 0, index = 0; start < bytes.byteLength; index++) {
    const size = sizes[index % sizes.length] ?? 1
    const chunk = new Uint8Array(bytes.subarray(start, start + size))
    yield chunk
    chunk.buffer.transfer(0)
    start += size
  }
}

const bodyOf = (bytes: Uint8Array | string, sizes: ReadonlyArray<number>) =>
  Effect.sync(() => {
    const chunks = split(Buffer.from(bytes), sizes)
    return Effect.suspend(() => {
      const { value } = chunks.next()
      return value === undefined ? Effect.fail(Option.none()) : Effect.succeed(value)
    })
  })

/** Parses a body; returns every part as a list of its name, file name, content type and content. */
const parse = (contentType: string, body: Uint8Array | string, sizes: ReadonlyArray<number> = [1000]) =>
  parseMultipart(headersOf(contentType), bodyOf(body, sizes)).pipe(
    Stream.mapEffect((part) =>
      part._tag === "Field"
        ? Effect.succeed([part.key, undefined, part.contentType, part.value])
        : Effect.map(part.contentEffect, (bytes) => [
            part.key,
            part.name,
            part.contentType,
            Buffer.from(bytes).toString("latin1"),
          ]),
    ),
    Stream.runCollect,
    Effect.map((parts) => [...parts]),
  )

const type = "multipart/form-data; boundary=x"
const field = (disposition: string, content = "1") =>
  `--x\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`

const chunkSizes = FastCheck.array(FastCheck.integer({ min: 1, max: 90 }), { minLength: 1 })
const content = FastCheck.oneof(
  FastCheck.string(),
  FastCheck.array(FastCheck.constantFrom("\r", "\n", "--", "-", "\r\n--", "\r\n\r\n", "a"), {
    maxLength: 300,
  }).map((parts) => parts.join("")),
)

it.prop(
  "parses what FormData writes, however it is split into chunks",
  [
    FastCheck.array(FastCheck.record({ name: FastCheck.string({ unit: "grapheme" }), content }), {
      minLength: 1,
    }),
    chunkSizes,
  ],
  (parts, sizes) =>
    Effect.gen(function* () {
      const form = new FormData()
      for (const { name, content } of parts) form.append("file", new File([content], `${name}.txt`))
      const response = new Response(form)
      // Bun forgets the header once the body is read.
      const contentType = response.headers.get("content-type") ?? ""
      const body = yield* Effect.promise(() => response.bytes())
      const parsed = yield* parse(contentType, body, sizes)
      expect(parsed.map(([, name, , content]) => [name, content])).toEqual(
        parts.map(({ name, content }) => [
          `${name.toWellFormed()}.txt`,
          Buffer.from(content).toString("latin1"),
        ]),
      )
    }),
  { numRuns: 100 },
)

it.effect("reads names as browsers, curl and RFC 5987 write them", () =>
  Effect.gen(function* () {
    for (const [disposition, name, fileName] of [
      ['name="file"; filename="文件 é.txt"', "file", "文件 é.txt"],
      ['filename="a%22b%0D%0A.txt"; name="file"', "file", 'a"b\r\n.txt'],
      ['name="file"; filename="a\\"b\\\\c;d.txt"', "file", 'a"b\\c;d.txt'],
      ["name=file; filename=plain.txt", "file", "plain.txt"],
      ['name="file"; filename="fallback"; filename*=UTF-8\'\'%E6%96%87.txt', "file", "文.txt"],
      ['name="file"; filename=""', "file", ""],
      ['NAME="field"', "field", undefined],
    ] as const) {
      const parts = yield* parse(type, `${field(disposition)}--x--`)
      expect([disposition, parts.map(([key, file]) => [key, file])]).toEqual([
        disposition,
        [[name, fileName]],
      ])
    }
  }),
)

it.effect("ignores a preamble and an epilogue, and accepts a quoted boundary and empty content", () =>
  Effect.gen(function* () {
    const parts = yield* parse(
      'multipart/form-data; charset=utf-8; boundary="x"',
      `preamble\r\n--\r\n${field('name="a"', "")}${field('name="b"', "2")}--x--\r\nepilogue --x`,
    )
    expect(parts).toEqual([
      ["a", undefined, "text/plain", ""],
      ["b", undefined, "text/plain", "2"],
    ])
    expect(yield* parse(type, "--x--")).toEqual([])
  }),
)

it.effect("fails on a malformed or incomplete body", () =>
  Effect.gen(function* () {
    const whole = `${field('name="a"')}${field('name="file"; filename="b"', "content")}--x--`
    for (const [contentType, body] of [
      ["multipart/form-data", whole],
      ["multipart/form-data; boundary=y", whole],
      [type, ""],
      [type, "--x"],
      [type, "--xx\r\n"],
      [type, `--x\r\n\r\n\r\n\r\n--x--`],
      [type, "--x\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--x--"],
      [type, `${field("filename=a")}--x--`],
      [type, `${field("name=a; filename*=latin1''a")}--x--`],
      [type, `${field("name=a; filename*=UTF-8''%ff")}--x--`],
      [type, `--x\r\n${"Content-Type: text/plain\r\n".repeat(1000)}`],
      ...Array.from({ length: whole.length - 1 }, (_, length) => [type, whole.slice(0, length)] as const),
    ] as const) {
      const failure = yield* Effect.flip(parse(contentType, body, [7]))
      expect([body, failure.reason]).toEqual([body, "Parse"])
    }
  }),
)

it.effect("limits the number of parts and the size of fields", () =>
  Effect.gen(function* () {
    const reason = (limits: Multipart.withLimits.Options, body: string) =>
      Effect.map(Effect.flip(Multipart.withLimits(parse(type, body), limits)), ({ reason }) => reason)
    const three = field("name=a").repeat(3)
    expect(yield* reason({ maxParts: Option.some(2) }, `${three}--x--`)).toBe("TooManyParts")
    expect(yield* reason({ maxFieldSize: 10 }, `${field("name=a", "x".repeat(11))}--x--`)).toBe(
      "FieldTooLarge",
    )
  }),
)

it.effect("skips the content of a file that is not read", () =>
  Effect.gen(function* () {
    const body = `${field("name=a; filename=a", "x".repeat(5000))}${field("name=b")}--x--`
    const parts = parseMultipart(headersOf(type), bodyOf(body, [100]))
    const names = yield* Stream.runCollect(Stream.map(parts, ({ _tag, key }) => `${_tag} ${key}`))
    expect([...names]).toEqual(["File a", "Field b"])
  }),
)
