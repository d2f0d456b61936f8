import { describe, expect } from "bun:test"
import { Effect } from "effect"
import type { Enclosure, ModelRequest } from "../../../src/domain/models/LanguageModel"
import { it } from "../../support/it"
import { readAll, request, spoken, withProvider } from "./providerFixtures"

const encode = (text: string) => new TextEncoder().encode(text)
const photo: Enclosure = {
  kind: "image",
  name: "cat.png",
  mediaType: "image/png",
  bytes: Uint8Array.of(137, 80, 78, 71, 255),
}
const report: Enclosure = {
  kind: "file",
  name: "report.pdf",
  mediaType: "application/pdf",
  bytes: encode("%PDF-1.7"),
}
const notes: Enclosure = {
  kind: "file",
  name: "notes.md",
  mediaType: "text/markdown; charset=utf-8",
  bytes: encode("# Grüße"),
}
const data: Enclosure = {
  kind: "file",
  name: "data.json",
  mediaType: "application/json",
  bytes: encode('{"a":1}'),
}
const drawing: Enclosure = {
  kind: "image",
  name: "logo.svg",
  mediaType: "image/svg+xml",
  bytes: encode("<svg/>"),
}

const pngPart = { type: "image_url", image_url: { url: "data:image/png;base64,iVBOR/8=" } }
const pdfPart = {
  type: "file",
  file: { filename: "report.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjc=" },
}

/** What the provider gets, whole and as a stream. */
const bodiesFor = (asked: ModelRequest) =>
  Effect.gen(function* () {
    const { provider, model } = yield* withProvider()
    yield* readAll(spoken(model, asked))
    yield* model.complete(asked)
    const [streamed, whole] = provider.requests.map(({ body }) => body)
    expect(streamed?.messages).toEqual(whole?.messages ?? [])
    return { streamed, whole }
  })

const saying = (content: string, ...enclosures: ReadonlyArray<Enclosure>) =>
  Effect.map(
    bodiesFor({ ...request, turns: [{ role: "user", content, enclosures }] }),
    ({ whole }) => whole?.messages,
  )

describe("what comes with a turn", () => {
  it.live("is sent as the providers take it: pictures and documents as data, texts in the prompt", () =>
    Effect.gen(function* () {
      expect(yield* saying("Compare", photo, notes, report)).toEqual([
        {
          role: "user",
          content: [pngPart, pdfPart, { type: "text", text: "notes.md:\n\n# Grüße\n\nCompare" }],
        },
      ])
    }),
  )

  it.live("leaves the prompt a string when it is all text, a drawing in SVG too", () =>
    Effect.gen(function* () {
      const content = 'data.json:\n\n{"a":1}\n\nlogo.svg:\n\n<svg/>\n\nWhat is it?'
      expect(yield* saying("What is it?", data, drawing)).toEqual([{ role: "user", content }])
      expect(yield* saying("Nothing else")).toEqual([{ role: "user", content: "Nothing else" }])
    }),
  )

  it.live("makes no empty part where nothing was said beside it", () =>
    Effect.gen(function* () {
      expect(yield* saying("", photo)).toEqual([{ role: "user", content: [pngPart] }])
    }),
  )

  it.live("is told of users' turns only", () =>
    Effect.gen(function* () {
      const turns = [{ role: "assistant" as const, content: "Here", enclosures: [photo] }, ...request.turns]
      const { whole } = yield* bodiesFor({ ...request, turns })
      expect(whole?.messages[0]).toEqual({ role: "assistant", content: "Here" })
    }),
  )
})

describe("how an answer is to be found", () => {
  it.live("is said in the providers' words", () =>
    Effect.gen(function* () {
      const { streamed, whole } = yield* bodiesFor({
        ...request,
        topP: 0.9,
        frequencyPenalty: 0.5,
        presencePenalty: -0.5,
      })
      const parameters = { top_p: 0.9, frequency_penalty: 0.5, presence_penalty: -0.5 }
      expect(streamed).toMatchObject(parameters)
      expect(whole).toMatchObject(parameters)
    }),
  )

  it.live("is not said where it changes nothing", () =>
    Effect.gen(function* () {
      const neutral = { topP: 1, frequencyPenalty: 0, presencePenalty: 0 }
      const { whole } = yield* bodiesFor({ ...request, ...neutral, temperature: 0 })
      expect(Object.keys(whole ?? {}).toSorted()).toEqual(["messages", "model", "stream", "temperature"])
    }),
  )
})
