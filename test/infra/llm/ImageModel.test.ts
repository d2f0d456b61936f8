import { describe, expect } from "bun:test"
import { Effect, Logger } from "effect"
import { ImageModel } from "../../../src/domain/models/ImageModel"
import * as Images from "../../../src/infra/llm/ImageModel"
import { it } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { stall, status } from "../../support/ScriptedProvider/Script"
import { imageResponse, openRouterImageResponse, pixel } from "../../support/ScriptedProvider/Wire"
import { withConfig } from "../../support/withConfig"
import { withoutLogs } from "./providerFixtures"

const bytes = Buffer.from(pixel, "base64")

/** Builds the port from this configuration and no other. */
const withImageModel = (config: (url: string) => Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const provider = yield* Provider.make
    const variables = { LLM_RETRY_DELAY: "1 millis", ...config(provider.url) }
    const model = yield* Effect.provide(ImageModel, Images.layer.pipe(withConfig(variables)))
    return {
      provider,
      model,
      generateImage: (request: Parameters<typeof model.generateImage>[0]) =>
        withoutLogs(model.generateImage(request)),
    }
  })

const openai = (url: string) => ({ OPENAI_API_KEY: "sk-test-secret", OPENAI_BASE_URL: url })
const openrouter = (url: string) => ({ OPENROUTER_API_KEY: "sk-or-test", OPENROUTER_BASE_URL: url })
const imageRequest = { prompt: "A lake", negativePrompt: "", referenceImages: [] }
const referenceImage = { bytes, mediaType: "image/png" }

describe("ImageModel", () => {
  it.live("generates images with OpenAI's images API, with and without reference images", () =>
    Effect.gen(function* () {
      const { provider, generateImage } = yield* withImageModel(openai)
      const image = yield* generateImage({
        ...imageRequest,
        model: "openai/gpt-image-1",
        negativePrompt: "boats",
      })
      expect(Buffer.from(image.bytes)).toEqual(bytes)
      expect(image.usage).toEqual({
        promptTokens: imageResponse.usage.input_tokens,
        completionTokens: imageResponse.usage.output_tokens,
      })
      yield* generateImage({
        ...imageRequest,
        model: "openai/gpt-image-1",
        referenceImages: [referenceImage],
      })
      expect(provider.imageRequests).toMatchObject([
        { model: "gpt-image-1", prompt: "A lake\n\nAvoid: boats" },
        { model: "gpt-image-1", prompt: "A lake", inputs: [{ type: "image/png", size: bytes.length }] },
      ])
    }),
  )

  it.live(
    "generates images with OpenRouter's images API, which has its own fields for reference images and tokens",
    () =>
      Effect.gen(function* () {
        const { provider, generateImage } = yield* withImageModel(openrouter)
        yield* provider.setImageResponse(() => openRouterImageResponse)
        const image = yield* generateImage({
          ...imageRequest,
          model: "bytedance-seed/seedream-4.5",
          referenceImages: [referenceImage],
        })
        expect(Buffer.from(image.bytes)).toEqual(bytes)
        expect(image.usage).toEqual({ promptTokens: 0, completionTokens: 4175 })
        expect(provider.imageRequests).toMatchObject([
          {
            model: "bytedance-seed/seedream-4.5",
            prompt: "A lake",
            inputs: [{ type: "image/png", size: bytes.length }],
          },
        ])
      }),
  )

  it.live("accepts an image as a data URI and a response without token counts", () =>
    Effect.gen(function* () {
      const { provider, generateImage } = yield* withImageModel(openai)
      yield* provider.setImageResponse(() => ({ data: [{ url: `data:image/png;base64,${pixel}` }] }))
      const image = yield* generateImage({ ...imageRequest, model: "openai/gpt-image-1" })
      expect([Buffer.from(image.bytes), image.usage]).toEqual([bytes, undefined])
    }),
  )

  for (const tokens of [12.5, -1, 2 ** 31, "7", null]) {
    it.live(`ignores a token count of ${tokens}`, () =>
      Effect.gen(function* () {
        const { provider, generateImage } = yield* withImageModel(openai)
        const counts = [
          { input_tokens: 1, output_tokens: tokens },
          { input_tokens: tokens, output_tokens: 1 },
        ]
        for (const usage of counts) {
          yield* provider.setImageResponse(() => ({ ...imageResponse, usage }))
          expect(
            (yield* generateImage({ ...imageRequest, model: "openai/gpt-image-1" })).usage,
          ).toBeUndefined()
        }
      }),
    )
  }

  it.live("accepts an image larger than the limit of text responses", () =>
    Effect.gen(function* () {
      const { provider, generateImage } = yield* withImageModel(openai)
      const large = Buffer.alloc(20 * 1024 * 1024)
      yield* provider.setImageResponse(() => ({ data: [{ b64_json: large.toString("base64") }] }))
      expect((yield* generateImage({ ...imageRequest, model: "openai/gpt-image-1" })).bytes.byteLength).toBe(
        large.length,
      )
    }),
  )

  it.live("fetches an image URL on a private network only from the host of the provider's base URL", () =>
    Effect.gen(function* () {
      const { provider, generateImage } = yield* withImageModel(openai)
      const request = { ...imageRequest, model: "openai/gpt-image-1" }
      const other = yield* Provider.make
      yield* provider.setImageResponse(() => ({ data: [{ url: `${provider.url}/models` }] }))
      expect((yield* generateImage(request)).bytes.byteLength).toBeGreaterThan(0)
      yield* provider.setImageResponse(() => ({ data: [{ url: `${other.url}/models` }] }))
      expect((yield* Effect.flip(generateImage(request)))._tag).toBe("InvalidResponse")
      expect(other.listRequests).toEqual([])
    }),
  )

  it.live("retries transient failures and reports all others", () =>
    Effect.gen(function* () {
      const { provider, generateImage } = yield* withImageModel(openai)
      const request = { ...imageRequest, model: "openai/gpt-image-1" }
      yield* provider.script(status(503))
      expect(Buffer.from((yield* generateImage(request)).bytes)).toEqual(bytes)
      expect(provider.imageRequests.length).toBe(2)
      yield* provider.script(status(401))
      expect((yield* Effect.flip(generateImage(request)))._tag).toBe("ModelAccessDenied")
      expect(provider.imageRequests.length).toBe(3)
      yield* provider.setImageResponse(() => ({ data: [] }))
      expect((yield* Effect.flip(generateImage(request)))._tag).toBe("InvalidResponse")
      yield* provider.setImageResponse(() => ({ error: { message: "aborted" } }))
      expect((yield* Effect.flip(generateImage(request)))._tag).toBe("StreamInterrupted")
      expect((yield* Effect.flip(generateImage({ ...imageRequest, model: "demo" })))._tag).toBe(
        "ModelNotFound",
      )
    }),
  )

  it.live("logs a timeout without the detail of an earlier attempt", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withImageModel((url) => ({
        ...openai(url),
        LLM_ANSWER_TIMEOUT: "100 millis",
      }))
      yield* provider.script(status(503, { error: { message: "try later" } }), status(503, stall))
      const lines: Array<unknown> = []
      const logger = Logger.map(Logger.structuredLogger, ({ annotations }) => lines.push(annotations))
      yield* Effect.flip(model.generateImage({ ...imageRequest, model: "openai/gpt-image-1" })).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      )
      expect(lines).toMatchObject([{ outcome: "ModelTimedOut", detail: undefined }])
    }),
  )
})
