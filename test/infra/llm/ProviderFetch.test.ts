import { afterEach, describe, expect, type Mock, spyOn } from "bun:test"
import { Effect, Layer } from "effect"
import { ImageModel } from "../../../src/domain/models/ImageModel"
import { ModelCatalog } from "../../../src/domain/models/ModelCatalog"
import * as Images from "../../../src/infra/llm/ImageModel"
import * as Catalog from "../../../src/infra/llm/ModelCatalog"
import { it } from "../../support/it"
import {
  answer,
  endlessBody,
  exactAnswer,
  raw,
  status,
  withHeaders,
} from "../../support/ScriptedProvider/Script"
import { withConfig } from "../../support/withConfig"
import { readAll, withProvider } from "./providerFixtures"

let spy: Mock<typeof fetch> | undefined
afterEach(() => spy?.mockRestore())

describe("A provider request", () => {
  it.live("sends every request without Bun's own timeout", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider()
      const config = { OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: "sk-test-secret" }
      const { images, catalog } = yield* Effect.provide(
        Effect.all({ images: ImageModel, catalog: ModelCatalog }),
        Layer.merge(Images.layer, Catalog.layer).pipe(withConfig(config)),
      )
      // The image is fetched from the URL in the response.
      yield* provider.setImageResponse(() => ({ data: [{ url: `${provider.url}/models` }] }))
      spy = spyOn(globalThis, "fetch")
      yield* readAll(stream)
      yield* complete
      yield* images.generateImage({
        model: "openai/gpt-image-1",
        prompt: "A lake",
        negativePrompt: "",
        referenceImages: [],
      })
      for (const { list } of catalog.providers) yield* list
      const calls = spy.mock.calls.map(([url, init]) => [String(url).replace(provider.url, ""), init])
      const paths = ["/chat/completions", "/chat/completions", "/images/generations", "/models", "/models"]
      expect(calls).toEqual(paths.map((path) => [path, expect.objectContaining({ timeout: false })]))
    }),
  )
})

describe("A provider response", () => {
  it.live("reads an endless error body only partly", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      yield* provider.script(status(401, endlessBody), status(401, endlessBody))
      expect((yield* readAll(stream)).error?._tag).toBe("ModelAccessDenied")
      expect((yield* Effect.flip(complete))._tag).toBe("ModelAccessDenied")
    }),
  )

  it.live("classifies a long error message by its first characters", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      const longMessage = (length: number) => `${"model ".repeat(length)} does not exist`
      yield* provider.script(status(400, { error: { message: longMessage(100) } }))
      expect((yield* Effect.flip(complete))._tag).toBe("ModelNotFound")
      yield* provider.script(status(400, { error: { message: longMessage(1000) } }))
      expect((yield* Effect.flip(complete))._tag).toBe("ModelRequestRejected")
    }),
  )

  it.live("rejects a response that is larger than the maximum", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      const body = JSON.stringify({ choices: [{ message: { content: "x" }, finish_reason: "stop" }] })
      const completionOf = (size: number) =>
        withHeaders(exactAnswer(raw(body.padEnd(size))), { "content-type": "application/json" })
      const [atLimit, overLimit] = [completionOf(16 * 1024 * 1024), completionOf(16 * 1024 * 1024 + 1)]
      yield* provider.script(atLimit, overLimit, atLimit, overLimit)
      expect((yield* readAll(stream)).text).toBe("x")
      expect((yield* readAll(stream)).error?._tag).toBe("InvalidResponse")
      expect((yield* complete).text).toBe("x")
      expect((yield* Effect.flip(complete))._tag).toBe("InvalidResponse")
    }),
  )

  it.live("serves the next call after an endless error body", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      yield* provider.script(status(500, endlessBody), answer("fine"))
      yield* Effect.flip(complete)
      expect((yield* complete).text).toBe("fine")
    }),
  )
})
