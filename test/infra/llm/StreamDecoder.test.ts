import { describe, expect } from "bun:test"
import { Effect, Exit, FastCheck } from "effect"
import { AnswerDecoder } from "../../../src/infra/llm/StreamDecoder"
import { it } from "../../support/it"

const asked = { provider: "Test", model: "test/m", secret: undefined }
const encoder = new TextEncoder()

const chunk = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`
const spoken = (texts: ReadonlyArray<string>) => [
  ...texts.map((content) => chunk({ choices: [{ index: 0, delta: { content } }] })),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: texts.length } }),
  "data: [DONE]\n\n",
]

/** Feeds bytes in pieces of these sizes, over and over, taking after each. */
const decode = (bytes: Uint8Array, sizes: ReadonlyArray<number>) => {
  const decoder = new AnswerDecoder(asked)
  let text = ""
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    decoder.feed(bytes.subarray(from, from + size))
    text += decoder.take()
    from += size
  }
  decoder.end()
  text += decoder.take()
  return { decoder, text, ending: decoder.ending }
}

const text = FastCheck.string({ unit: "grapheme", minLength: 1 })
const texts = FastCheck.array(text, { minLength: 1 })
const sizes = FastCheck.array(FastCheck.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 })

describe("decoding", () => {
  it.prop(
    "gives the same text and one end, however the network cuts the bytes",
    [texts, sizes],
    (said, cuts) =>
      Effect.sync(() => {
        const { ending, text } = decode(encoder.encode(spoken(said).join("")), cuts)
        expect(text).toBe(said.join(""))
        expect(ending).toEqual(
          Exit.succeed({ reason: "stop", usage: { promptTokens: 3, completionTokens: said.length } }),
        )
      }),
  )

  it.prop(
    "of an answer cut anywhere gives a prefix, and an end only after its last word",
    [texts, sizes, FastCheck.nat()],
    (said, cuts, where) =>
      Effect.sync(() => {
        const frames = spoken(said)
        const bytes = encoder.encode(frames.join(""))
        const untilReason = encoder.encode(frames.slice(0, said.length).join("")).length
        const kept = where % bytes.length
        const { decoder, text } = decode(bytes.subarray(0, kept), cuts)
        expect(said.join("").startsWith(text)).toBe(true)
        if (kept <= untilReason) expect(decoder.failure?._tag).toBe("ModelCutOff")
        if (decoder.failure === undefined) expect(text).toBe(said.join(""))
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
  it.prop("never throws, whatever comes", [FastCheck.array(frame), sizes], (frames, cuts) =>
    Effect.sync(() => expect(decode(encoder.encode(frames.join("")), cuts).decoder.over).toBe(true)),
  )
})
