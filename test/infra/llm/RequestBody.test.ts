import { describe, expect } from "bun:test"
import { Effect } from "effect"
import type { FilePart, ModelRequest } from "../../../src/domain/models/LanguageModel"
import { it } from "../../support/it"
import { readAll, request, streamAnswer, withProvider } from "./providerFixtures"

const encode = (text: string) => new TextEncoder().encode(text)
const photo: FilePart = {
  kind: "image",
  name: "cat.png",
  mediaType: "image/png",
  bytes: Uint8Array.of(137, 80, 78, 71, 255),
}
const report: FilePart = {
  kind: "file",
  name: "report.pdf",
  mediaType: "application/pdf",
  bytes: encode("%PDF-1.7"),
}
const notes: FilePart = {
  kind: "file",
  name: "notes.md",
  mediaType: "text/markdown; charset=utf-8",
  bytes: encode("# Grüße"),
}
const data: FilePart = {
  kind: "file",
  name: "data.json",
  mediaType: "application/json",
  bytes: encode('{"a":1}'),
}
const svg: FilePart = {
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

/** Returns the request bodies that the provider receives, streamed and not. */
const requestBodies = (modelRequest: ModelRequest) =>
  Effect.gen(function* () {
    const { provider, model } = yield* withProvider()
    yield* readAll(streamAnswer(model, modelRequest))
    yield* model.complete(modelRequest)
    const [streamed, complete] = provider.requests.map(({ body }) => body)
    expect(streamed?.messages).toEqual(complete?.messages ?? [])
    return { streamed, complete }
  })

const sentMessages = (content: string, ...files: ReadonlyArray<FilePart>) =>
  Effect.map(
    requestBodies({ ...request, messages: [{ role: "user", content, files }] }),
    ({ complete }) => complete?.messages,
  )

describe("Attachments of a message", () => {
  it.live("sends attachments as data URIs, except text files, which are inlined in the prompt", () =>
    Effect.gen(function* () {
      expect(yield* sentMessages("Compare", photo, notes, report)).toEqual([
        {
          role: "user",
          content: [pngPart, pdfPart, { type: "text", text: "notes.md:\n\n# Grüße\n\nCompare" }],
        },
      ])
    }),
  )

  it.live("keeps the content a string when all attachments are text, including SVG", () =>
    Effect.gen(function* () {
      const content = 'data.json:\n\n{"a":1}\n\nlogo.svg:\n\n<svg/>\n\nWhat is it?'
      expect(yield* sentMessages("What is it?", data, svg)).toEqual([{ role: "user", content }])
      expect(yield* sentMessages("Nothing else")).toEqual([{ role: "user", content: "Nothing else" }])
    }),
  )

  it.live("sends attachments without an empty text part when the prompt is empty", () =>
    Effect.gen(function* () {
      expect(yield* sentMessages("", photo)).toEqual([{ role: "user", content: [pngPart] }])
    }),
  )

  it.live("sends attachments with user messages only", () =>
    Effect.gen(function* () {
      const messages = [{ role: "assistant" as const, content: "Here", files: [photo] }, ...request.messages]
      const { complete } = yield* requestBodies({ ...request, messages })
      expect(complete?.messages[0]).toEqual({ role: "assistant", content: "Here" })
    }),
  )
})

describe("Sampling parameters", () => {
  it.live("sends sampling parameters under the API's names", () =>
    Effect.gen(function* () {
      const { streamed, complete } = yield* requestBodies({
        ...request,
        topP: 0.9,
        frequencyPenalty: 0.5,
        presencePenalty: -0.5,
      })
      const parameters = { top_p: 0.9, frequency_penalty: 0.5, presence_penalty: -0.5 }
      expect(streamed).toMatchObject(parameters)
      expect(complete).toMatchObject(parameters)
    }),
  )

  it.live("omits sampling parameters at their neutral values", () =>
    Effect.gen(function* () {
      const neutral = { topP: 1, frequencyPenalty: 0, presencePenalty: 0 }
      const { complete } = yield* requestBodies({ ...request, ...neutral, temperature: 0 })
      expect(Object.keys(complete ?? {}).toSorted()).toEqual(["messages", "model", "stream", "temperature"])
    }),
  )
})
