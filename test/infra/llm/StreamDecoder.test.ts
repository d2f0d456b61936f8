import { describe, expect } from "bun:test"
import { Effect, Exit, FastCheck } from "effect"
import { StreamDecoder } from "../../../src/infra/llm/StreamDecoder"
import { it } from "../../support/it"

const context = { provider: "Test", model: "test/m", secret: undefined }
const request = { model: "test/m", messages: [{ role: "user" as const, content: "Hello" }] }
const encoder = new TextEncoder()

const chunk = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`
const framesOf = (texts: ReadonlyArray<string>) => [
  ...texts.map((content) => chunk({ choices: [{ index: 0, delta: { content } }] })),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: Buffer.byteLength(texts.join("")) } }),
  "data: [DONE]\n\n",
]

/** Decodes bytes in chunks of these sizes, used cyclically, draining the text after each. */
const decode = (bytes: Uint8Array, sizes: ReadonlyArray<number>) => {
  const decoder = new StreamDecoder(context, request)
  let text = ""
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    decoder.push(bytes.subarray(from, from + size))
    text += decoder.drain()
    from += size
  }
  decoder.end()
  text += decoder.drain()
  return { decoder, text, result: decoder.result }
}

const text = FastCheck.string({ unit: "grapheme", minLength: 1 })
const texts = FastCheck.array(text, { minLength: 1 })
const sizes = FastCheck.array(FastCheck.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 })

describe("StreamDecoder", () => {
  it.prop(
    "returns the same text and result, however the bytes are split",
    [texts, sizes],
    (words, chunkSizes) =>
      Effect.sync(() => {
        const { result, text } = decode(encoder.encode(framesOf(words).join("")), chunkSizes)
        expect(text).toBe(words.join(""))
        expect(result).toEqual(
          Exit.succeed({
            reason: "stop",
            usage: { promptTokens: 3, completionTokens: Buffer.byteLength(words.join("")) },
          }),
        )
      }),
  )

  it.prop(
    "returns a prefix of a truncated answer, and fails unless the finish reason arrived",
    [texts, sizes, FastCheck.nat()],
    (words, chunkSizes, where) =>
      Effect.sync(() => {
        const frames = framesOf(words)
        const bytes = encoder.encode(frames.join(""))
        const untilReason = encoder.encode(frames.slice(0, words.length).join("")).length
        const length = where % bytes.length
        const { decoder, text } = decode(bytes.subarray(0, length), chunkSizes)
        expect(words.join("").startsWith(text)).toBe(true)
        if (length <= untilReason) expect(decoder.failure?._tag).toBe("StreamInterrupted")
        if (decoder.failure === undefined) expect(text).toBe(words.join(""))
      }),
  )

  const chunks = FastCheck.record({
    choices: FastCheck.oneof(FastCheck.anything(), FastCheck.array(FastCheck.anything())),
    usage: FastCheck.anything(),
  })
  const frame = FastCheck.oneof(
    FastCheck.json().map((json) => `data: ${json}\n\n`),
    FastCheck.string().map((line) => `${line}\n`),
    chunks.map((body) => `data: ${JSON.stringify(body)}\n\n`),
  )
  it.prop("never throws on arbitrary input", [FastCheck.array(frame), sizes], (frames, chunkSizes) =>
    Effect.sync(() => expect(decode(encoder.encode(frames.join("")), chunkSizes).decoder.done).toBe(true)),
  )
})
