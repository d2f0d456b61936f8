import { Effect, Either, Layer, Redacted } from "effect"
import type OpenAI from "openai"
import { toFile } from "openai"
import { ImageModel, type Picture, type PictureRequest } from "../../domain/models/ImageModel"
import { type ModelError, ModelNotFound, ModelTimedOut } from "../../domain/models/LanguageModel"
import { readAtMost } from "../bun-http/readBounded"
import type { ProviderSettings } from "./ConfiguredProviders"
import { type Asked, detailOf, fromEvent, fromThrown } from "./ErrorMapping"
import { resolve } from "./ModelRouting"
import { makeClient } from "./OpenAi"
import { ask as fetchFrom } from "./ProviderFetch"
import * as Providers from "./Providers"
import { retrying } from "./Retry"
import * as Telemetry from "./Telemetry"
import * as Limits from "./Timeouts"
import { counted } from "./WireTypes"

/** What providers answer, as far as it is read: OpenRouter counts tokens under chat's names. */
interface Answer {
  readonly error?: unknown
  readonly data?: ReadonlyArray<{ readonly b64_json?: string; readonly url?: string }>
  readonly usage?:
    | {
        readonly [Name in "input_tokens" | "output_tokens" | "prompt_tokens" | "completion_tokens"]?: unknown
      }
    | null
}

/** More than any picture of one's own would be. */
const largestPicture = 64 * 1024 * 1024

/** One in base64, and what is said beside it. */
const largestAnswer = 1.5 * largestPicture

/** The images API has no field for what is not wanted: it is said in words. */
const worded = ({ prompt, negativePrompt }: PictureRequest) =>
  negativePrompt.trim() === "" ? prompt : `${prompt}\n\nAvoid: ${negativePrompt}`

type Ask = (client: OpenAI, model: string, request: PictureRequest, signal: AbortSignal) => Promise<Answer>

/** OpenAI's own images API, and that of those who are like it. */
const images =
  (extra: { readonly response_format?: "b64_json" } = {}): Ask =>
  async (client, model, request, signal) => {
    const wanted = { model, prompt: worded(request), n: 1, ...extra }
    if (request.inputs.length === 0) return client.images.generate({ ...wanted, stream: false }, { signal })
    const image = await Promise.all(
      request.inputs.map(({ bytes, mediaType }, index) =>
        toFile(bytes, `image${index}.${mediaType.split("/")[1]}`, { type: mediaType }),
      ),
    )
    return client.images.edit({ ...wanted, image, stream: false }, { signal })
  }

/** OpenRouter has one address for both, and takes pictures to begin from as data URIs. */
const routed: Ask = (client, model, request, signal) => {
  const references = request.inputs.map(({ bytes, mediaType }) => ({
    type: "image_url",
    image_url: { url: `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}` },
  }))
  const body = {
    model,
    prompt: worded(request),
    n: 1,
    ...(references.length === 0 ? {} : { input_references: references }),
  }
  return client.post("/images", { body, signal })
}

const askOf = ({ id }: ProviderSettings): Ask => {
  if (id === "openrouter") return routed
  // Google sends addresses that need its key, unless it is asked for the picture itself.
  return id === "google" ? images({ response_format: "b64_json" }) : images()
}

/** The picture itself: in the answer, or where the answer says that it is. */
const bytesOf = async ({ data }: Answer, signal: AbortSignal): Promise<Uint8Array | undefined> => {
  const { b64_json, url } = data?.[0] ?? {}
  if (b64_json) return Buffer.from(b64_json, "base64")
  if (!url) return undefined
  if (url.startsWith("data:")) return Buffer.from(url.slice(url.indexOf(",") + 1), "base64")
  const response = await fetchFrom(url, { signal })
  return response.ok ? readAtMost(response, largestPicture) : undefined
}

const usageOf = ({ usage }: Answer) =>
  counted(usage?.input_tokens ?? usage?.prompt_tokens, usage?.output_tokens ?? usage?.completion_tokens)

const adapter = (settings: ProviderSettings, limits: Limits.Limits) => {
  const retry = retrying(limits)
  const client = makeClient(settings, largestAnswer)
  const ask = askOf(settings)
  const { id: provider, name, key } = settings
  const secret = key === undefined ? undefined : Redacted.value(key)

  const draw = (model: string, request: PictureRequest, call: Telemetry.Call) => {
    const asked: Asked = { provider: name, model: request.model, secret }
    return Effect.tryPromise({
      try: async (signal) => {
        const drawn = await ask(client, model, request, signal)
        return { drawn, bytes: await bytesOf(drawn, signal) }
      },
      catch: (thrown) => {
        call.detail = detailOf(asked, thrown)
        return fromThrown(asked, thrown)
      },
    }).pipe(
      Effect.flatMap(({ drawn, bytes }): Effect.Effect<Picture, ModelError> => {
        if (bytes === undefined) {
          call.detail = detailOf(asked, drawn) || "no picture in the answer"
          return Effect.fail(fromEvent(asked, drawn))
        }
        call.usage = usageOf(drawn)
        return Effect.succeed({ bytes, usage: call.usage })
      }),
      Effect.timeoutFail({
        duration: limits.answer,
        onTimeout: () => new ModelTimedOut({ provider: name, waitingFor: "picture" }),
      }),
    )
  }

  return (model: string, request: PictureRequest) =>
    Telemetry.watched("ImageModel.draw", { provider, model, kind: "generate_content" }, (call) =>
      Effect.retry(draw(model, request, call), retry),
    )
}

/** All configured providers' images APIs as one port; a model's id names its provider. */
export const layer = Layer.effect(
  ImageModel,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const limits = yield* Limits.config
    const adapters = new Map(
      providers.configured.map((provider) => [provider.id, adapter(provider, limits)] as const),
    )
    return {
      draw: (request) =>
        Either.match(resolve(providers, request.model), {
          onLeft: Effect.fail,
          onRight: (found) => {
            const draw = found._tag === "Provider" ? adapters.get(found.provider.id) : undefined
            return found._tag === "Demo" || draw === undefined
              ? new ModelNotFound({ model: request.model })
              : draw(found.model, request)
          },
        }),
    }
  }),
)
