import { describe, expect } from "bun:test"
import { ConfigProvider, Effect, Layer } from "effect"
import { ImageModel } from "../../../src/domain/models/ImageModel"
import * as Images from "../../../src/infra/llm/ImageModel"
import { it } from "../../support/it"
import { Provider } from "../../support/Provider"
import { status } from "../../support/Provider/Script"
import { picture, pixel, routedPicture } from "../../support/Provider/Wire"
import { quietly } from "./providerFixtures"

const bytes = Buffer.from(pixel, "base64")

/** The port over these settings and no others. */
const drawing = (settings: (url: string) => Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const provider = yield* Provider.make
    const all = { LLM_RETRY_DELAY: "1 millis", ...settings(provider.url) }
    const model = yield* Effect.provide(
      ImageModel,
      Images.layer.pipe(
        Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(all))))),
      ),
    )
    return { provider, draw: (request: Parameters<typeof model.draw>[0]) => quietly(model.draw(request)) }
  })

const openai = (url: string) => ({ OPENAI_API_KEY: "sk-test-secret", OPENAI_BASE_URL: url })
const openrouter = (url: string) => ({ OPENROUTER_API_KEY: "sk-or-test", OPENROUTER_BASE_URL: url })
const wanted = { prompt: "A lake", negativePrompt: "", inputs: [] }
const input = { bytes, mediaType: "image/png" }

describe("A picture", () => {
  it.live("is drawn by OpenAI's images API, from words or from pictures", () =>
    Effect.gen(function* () {
      const { provider, draw } = yield* drawing(openai)
      const drawn = yield* draw({ ...wanted, model: "openai/gpt-image-1", negativePrompt: "boats" })
      expect(Buffer.from(drawn.bytes)).toEqual(bytes)
      expect(drawn.usage).toEqual({
        promptTokens: picture.usage.input_tokens,
        completionTokens: picture.usage.output_tokens,
      })
      yield* draw({ ...wanted, model: "openai/gpt-image-1", inputs: [input] })
      expect(provider.imageRequests).toMatchObject([
        { model: "gpt-image-1", prompt: "A lake\n\nAvoid: boats" },
        { model: "gpt-image-1", prompt: "A lake", inputs: [{ type: "image/png", size: bytes.length }] },
      ])
    }),
  )

  it.live("is drawn by OpenRouter's, which has its own fields for pictures and tokens", () =>
    Effect.gen(function* () {
      const { provider, draw } = yield* drawing(openrouter)
      yield* provider.setImageResponse(() => routedPicture)
      const drawn = yield* draw({ ...wanted, model: "bytedance-seed/seedream-4.5", inputs: [input] })
      expect(Buffer.from(drawn.bytes)).toEqual(bytes)
      expect(drawn.usage).toEqual({ promptTokens: 0, completionTokens: 4175 })
      expect(provider.imageRequests).toMatchObject([
        {
          model: "bytedance-seed/seedream-4.5",
          prompt: "A lake",
          inputs: [{ type: "image/png", size: bytes.length }],
        },
      ])
    }),
  )

  it.live("may be in the answer as a data URI, or without its tokens", () =>
    Effect.gen(function* () {
      const { provider, draw } = yield* drawing(openai)
      yield* provider.setImageResponse(() => ({ data: [{ url: `data:image/png;base64,${pixel}` }] }))
      const drawn = yield* draw({ ...wanted, model: "openai/gpt-image-1" })
      expect([Buffer.from(drawn.bytes), drawn.usage]).toEqual([bytes, undefined])
    }),
  )

  for (const tokens of [12.5, -1, 2 ** 31, "7", null]) {
    it.live(`comes without its tokens when they are ${tokens}`, () =>
      Effect.gen(function* () {
        const { provider, draw } = yield* drawing(openai)
        const counts = [
          { input_tokens: 1, output_tokens: tokens },
          { input_tokens: tokens, output_tokens: 1 },
        ]
        for (const usage of counts) {
          yield* provider.setImageResponse(() => ({ ...picture, usage }))
          expect((yield* draw({ ...wanted, model: "openai/gpt-image-1" })).usage).toBeUndefined()
        }
      }),
    )
  }

  it.live("may be larger than any answer in words", () =>
    Effect.gen(function* () {
      const { provider, draw } = yield* drawing(openai)
      const large = Buffer.alloc(20 * 1024 * 1024)
      yield* provider.setImageResponse(() => ({ data: [{ b64_json: large.toString("base64") }] }))
      expect((yield* draw({ ...wanted, model: "openai/gpt-image-1" })).bytes.byteLength).toBe(large.length)
    }),
  )

  it.live("that does not come is tried again if that may help, and told by its reason if not", () =>
    Effect.gen(function* () {
      const { provider, draw } = yield* drawing(openai)
      const again = { ...wanted, model: "openai/gpt-image-1" }
      yield* provider.script(status(503))
      expect(Buffer.from((yield* draw(again)).bytes)).toEqual(bytes)
      expect(provider.imageRequests.length).toBe(2)
      yield* provider.script(status(401))
      expect((yield* Effect.flip(draw(again)))._tag).toBe("ModelAccessDenied")
      expect(provider.imageRequests.length).toBe(3)
      yield* provider.setImageResponse(() => ({ data: [] }))
      expect((yield* Effect.flip(draw(again)))._tag).toBe("ModelCutOff")
      expect((yield* Effect.flip(draw({ ...wanted, model: "demo" })))._tag).toBe("ModelNotFound")
    }),
  )
})
