import { afterEach, describe, expect, type Mock, spyOn } from "bun:test"
import { ConfigProvider, Effect, Layer } from "effect"
import { ImageModel } from "../../../src/domain/models/ImageModel"
import { ModelCatalogue } from "../../../src/domain/models/ModelCatalog"
import * as Images from "../../../src/infra/llm/ImageModel"
import * as Catalogue from "../../../src/infra/llm/ModelCatalog"
import { it } from "../../support/it"
import { answer, endless, exactly, raw, status, withHeaders } from "../../support/Provider/Script"
import { readAll, withProvider } from "./providerFixtures"

let spy: Mock<typeof fetch> | undefined
afterEach(() => spy?.mockRestore())

describe("a provider is asked", () => {
  it.live("without the limit of time that Bun has, whatever is asked", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider()
      const settings = { OPENAI_BASE_URL: provider.url, OPENAI_API_KEY: "sk-test-secret" }
      const { images, catalogue } = yield* Effect.provide(
        Effect.all({ images: ImageModel, catalogue: ModelCatalogue }),
        Layer.merge(Images.layer, Catalogue.layer).pipe(
          Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings))))),
        ),
      )
      // A picture that is elsewhere is fetched from there.
      yield* provider.setImageResponse(() => ({ data: [{ url: `${provider.url}/models` }] }))
      spy = spyOn(globalThis, "fetch")
      yield* readAll(stream)
      yield* complete
      yield* images.draw({ model: "openai/gpt-image-1", prompt: "A lake", negativePrompt: "", inputs: [] })
      for (const { list } of catalogue.providers) yield* list
      const asked = spy.mock.calls.map(([url, init]) => [String(url).replace(provider.url, ""), init])
      const paths = ["/chat/completions", "/chat/completions", "/images/generations", "/models", "/models"]
      expect(asked).toEqual(paths.map((path) => [path, expect.objectContaining({ timeout: false })]))
    }),
  )
})

describe("of what a provider says", () => {
  it.live("with an error, no more is read than its beginning", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      yield* provider.script(status(401, endless), status(401, endless))
      expect((yield* readAll(stream)).error?._tag).toBe("ModelAccessDenied")
      expect((yield* Effect.flip(complete))._tag).toBe("ModelAccessDenied")
    }),
  )

  it.live("with an error, what is long is not looked through", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      const words = (length: number) => `${"model ".repeat(length)} does not exist`
      yield* provider.script(status(400, { error: { message: words(100) } }))
      expect((yield* Effect.flip(complete))._tag).toBe("ModelNotFound")
      yield* provider.script(status(400, { error: { message: words(1000) } }))
      expect((yield* Effect.flip(complete))._tag).toBe("ModelRequestRejected")
    }),
  )

  it.live("at once, no more is taken than an answer may be long", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      const body = JSON.stringify({ choices: [{ message: { content: "x" }, finish_reason: "stop" }] })
      const answered = (size: number) =>
        withHeaders(exactly(raw(body.padEnd(size))), { "content-type": "application/json" })
      const [most, more] = [answered(16 * 1024 * 1024), answered(16 * 1024 * 1024 + 1)]
      yield* provider.script(most, more, most, more)
      expect((yield* readAll(stream)).text).toBe("x")
      expect((yield* readAll(stream)).error?._tag).toBe("ModelAnswerUnreadable")
      expect((yield* complete).text).toBe("x")
      expect((yield* Effect.flip(complete))._tag).toBe("ModelAnswerUnreadable")
    }),
  )

  it.live("at once, the next call is answered as ever", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      yield* provider.script(status(500, endless), answer("fine"))
      yield* Effect.flip(complete)
      expect((yield* complete).text).toBe("fine")
    }),
  )
})
