import { Effect, Either, Layer, Redacted } from "effect"
import type OpenAI from "openai"
import { toFile } from "openai"
import { type GeneratedImage, ImageModel, type ImageRequest } from "../../domain/models/ImageModel"
import {
  InvalidResponse,
  type ModelError,
  ModelNotFound,
  ModelTimedOut,
} from "../../domain/models/LanguageModel"
import { allowPrivateUrls, guardedFetch, UrlNotAllowed } from "../http-client/guardedFetch"
import { readBounded } from "../http-client/readBounded"
import * as CallPolicy from "./CallPolicy"
import { type CallContext, logDetail, mapStreamError, mapThrown } from "./ErrorMapping"
import { ListedModels } from "./ListedModels"
import { resolve } from "./ModelRouting"
import { makeClient } from "./OpenAi"
import type { ConfiguredProvider } from "./ProviderDefinitions"
import { UnexpectedResponse } from "./ProviderFetch"
import * as Providers from "./ProvidersConfig"
import { retrySchedule } from "./Retry"
import * as Telemetry from "./Telemetry"
import { parseUsage } from "./TokenCounts"

/** The fields read from a provider's response. OpenRouter names the token counts as in chat completions. */
interface ImagesResponse {
  readonly error?: unknown
  readonly data?: ReadonlyArray<{ readonly b64_json?: string; readonly url?: string }>
  readonly usage?:
    | {
        readonly [Name in "input_tokens" | "output_tokens" | "prompt_tokens" | "completion_tokens"]?: unknown
      }
    | null
}

/** Maximum bytes of one generated image. */
const MAX_IMAGE_BYTES = 64 * 1024 * 1024

/** Maximum bytes of a response: one image in base64 and the fields around it. */
const MAX_IMAGE_RESPONSE_BYTES = 1.5 * MAX_IMAGE_BYTES

/** Appends the negative prompt to the prompt: the images API has no field for it. */
const promptWithNegative = ({ prompt, negativePrompt }: ImageRequest) =>
  negativePrompt.trim() === "" ? prompt : `${prompt}\n\nAvoid: ${negativePrompt}`

type CallImagesApi = (
  client: OpenAI,
  model: string,
  request: ImageRequest,
  signal: AbortSignal,
) => Promise<ImagesResponse>

/** Calls the images API of OpenAI and compatible providers. */
const openAiImages =
  (extra: { readonly response_format?: "b64_json" } = {}): CallImagesApi =>
  async (client, model, request, signal) => {
    const params = { model, prompt: promptWithNegative(request), n: 1, ...extra }
    if (request.referenceImages.length === 0)
      return client.images.generate({ ...params, stream: false }, { signal })
    const image = await Promise.all(
      request.referenceImages.map(({ bytes, mediaType }, index) =>
        toFile(bytes, `image${index}.${mediaType.split("/")[1]}`, { type: mediaType }),
      ),
    )
    return client.images.edit({ ...params, image, stream: false }, { signal })
  }

/**
 * Calls OpenRouter's images API: one endpoint for generation and edits, with reference images as data URIs.
 */
const openRouterImages: CallImagesApi = (client, model, request, signal) => {
  const references = request.referenceImages.map(({ bytes, mediaType }) => ({
    type: "image_url",
    image_url: { url: `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}` },
  }))
  const body = {
    model,
    prompt: promptWithNegative(request),
    n: 1,
    ...(references.length === 0 ? {} : { input_references: references }),
  }
  return client.post("/images", { body, signal })
}

const imagesApiOf = ({ id }: ConfiguredProvider): CallImagesApi => {
  if (id === "openrouter") return openRouterImages
  // Google returns URLs that require its key, unless base64 is requested.
  return id === "google" ? openAiImages({ response_format: "b64_json" }) : openAiImages()
}

/**
 * Downloads an image from the URL in a response, which may be on a private network only if it has the
 * host of the provider's own base URL.
 */
const download = async (
  url: string,
  { baseUrl }: ConfiguredProvider,
  allowPrivate: boolean,
  signal: AbortSignal,
) => {
  const trustedHost = new URL(baseUrl).host
  const options = { allowPrivate, trustedHost, signal, timeout: false }
  const response = await guardedFetch(url, options).catch((thrown: unknown) => {
    throw thrown instanceof UrlNotAllowed ? new UnexpectedResponse(`image URL: ${thrown.message}`) : thrown
  })
  return response.ok ? readBounded(response, MAX_IMAGE_BYTES) : undefined
}

/** Returns the image bytes, from the response itself or from the URL in it; undefined if it has none. */
const bytesOf = async (
  { data }: ImagesResponse,
  downloadImage: (url: string) => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> => {
  const { b64_json, url } = data?.[0] ?? {}
  if (b64_json) return Buffer.from(b64_json, "base64")
  if (!url) return undefined
  if (url.startsWith("data:")) return Buffer.from(url.slice(url.indexOf(",") + 1), "base64")
  return downloadImage(url)
}

const usageOf = ({ usage }: ImagesResponse) =>
  parseUsage(usage?.input_tokens ?? usage?.prompt_tokens, usage?.output_tokens ?? usage?.completion_tokens)

const makeAdapter = (provider: ConfiguredProvider, policy: CallPolicy.CallPolicy, allowPrivate: boolean) => {
  const retry = retrySchedule(policy)
  const client = makeClient(provider, MAX_IMAGE_RESPONSE_BYTES)
  const callImagesApi = imagesApiOf(provider)
  const { id, name, key } = provider
  const secret = key === undefined ? undefined : Redacted.value(key)

  const generateImage = (model: string, request: ImageRequest, call: Telemetry.CallRecord) => {
    const context: CallContext = { provider: name, model: request.model, secret }
    return Effect.tryPromise({
      try: async (signal) => {
        const response = await callImagesApi(client, model, request, signal)
        const bytes = await bytesOf(response, (url) => download(url, provider, allowPrivate, signal))
        return { response, bytes }
      },
      catch: (thrown) => {
        call.detail = logDetail(context, thrown)
        return mapThrown(context, thrown)
      },
    }).pipe(
      Effect.flatMap(({ response, bytes }): Effect.Effect<GeneratedImage, ModelError> => {
        if (bytes === undefined) {
          call.detail = logDetail(context, response) || "no image in the response"
          return response.error == null
            ? new InvalidResponse({ provider: name })
            : Effect.fail(mapStreamError(context, response))
        }
        call.usage = usageOf(response)
        return Effect.succeed({ bytes, usage: call.usage })
      }),
      Effect.timeoutFail({
        duration: policy.answerTimeout,
        onTimeout: () => {
          call.detail = undefined
          return new ModelTimedOut({ provider: name, phase: "image" })
        },
      }),
    )
  }

  return (model: string, request: ImageRequest) =>
    Telemetry.instrumented(
      "ImageModel.generateImage",
      { provider: id, model, kind: "generate_content" },
      (call) => Effect.retry(generateImage(model, request, call), retry),
    )
}

/**
 * Implements the port with the images APIs of all configured providers; the model id selects the provider.
 */
export const layer = Layer.effect(
  ImageModel,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const routing = { ...providers, isListed: (yield* ListedModels).has }
    const policy = yield* CallPolicy.config
    const allowPrivate = yield* allowPrivateUrls
    const adapters = new Map(
      providers.configured.map(
        (provider) => [provider.id, makeAdapter(provider, policy, allowPrivate)] as const,
      ),
    )
    return {
      generateImage: (request) =>
        Either.match(resolve(routing, request.model), {
          onLeft: Effect.fail,
          onRight: (resolved) => {
            const generate = resolved._tag === "Provider" ? adapters.get(resolved.provider.id) : undefined
            return resolved._tag === "Demo" || generate === undefined
              ? new ModelNotFound({ model: request.model })
              : generate(resolved.model, request)
          },
        }),
    }
  }),
).pipe(Layer.provide(ListedModels.Default))
