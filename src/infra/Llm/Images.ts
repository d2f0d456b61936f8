import { Effect, Either, Layer, Redacted } from "effect"
import type OpenAI from "openai"
import { toFile } from "openai"
import { ImageModel, type Picture, type PictureRequest } from "../../domain/conversation/ImageModel"
import {
  ModelCutOff,
  type ModelError,
  ModelNotFound,
  ModelTimedOut,
} from "../../domain/conversation/LanguageModel"
import type { ProviderSettings } from "./Configured"
import { type Asked, fromThrown } from "./Failures"
import * as Limits from "./Limits"
import { makeClient } from "./OpenAi"
import * as Providers from "./Providers"
import { resolve } from "./Resolution"

type Answer = Pick<OpenAI.Images.ImagesResponse, "data" | "usage">

/** The images API has no field for what is not wanted: it is said in words. */
const worded = ({ prompt, negativePrompt }: PictureRequest) =>
  negativePrompt.trim() === "" ? prompt : `${prompt}\n\nAvoid: ${negativePrompt}`

const ask = async (
  client: OpenAI,
  model: string,
  request: PictureRequest,
  signal: AbortSignal,
): Promise<Answer> => {
  const wanted = { model, prompt: worded(request), n: 1 }
  if (request.inputs.length === 0) return client.images.generate({ ...wanted, stream: false }, { signal })
  const image = await Promise.all(
    request.inputs.map(({ bytes, mediaType }, index) =>
      toFile(bytes, `image${index}.${mediaType.split("/")[1]}`, { type: mediaType }),
    ),
  )
  return client.images.edit({ ...wanted, image, stream: false }, { signal })
}

/** The picture itself: in the answer, or where the answer says that it is. */
const bytesOf = async ({ data }: Answer, signal: AbortSignal): Promise<Uint8Array | undefined> => {
  const { b64_json, url } = data?.[0] ?? {}
  if (b64_json) return Buffer.from(b64_json, "base64")
  if (!url) return undefined
  if (url.startsWith("data:")) return Buffer.from(url.slice(url.indexOf(",") + 1), "base64")
  const response = await fetch(url, { signal })
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined
}

const adapter = (settings: ProviderSettings, answer: number) => {
  const client = makeClient(settings)
  const secret = settings.key === undefined ? undefined : Redacted.value(settings.key)
  return (model: string, request: PictureRequest): Effect.Effect<Picture, ModelError> => {
    const asked: Asked = { provider: settings.name, model: request.model, secret }
    return Effect.tryPromise({
      try: async (signal) => {
        const drawn = await ask(client, model, request, signal)
        return { bytes: await bytesOf(drawn, signal), usage: drawn.usage }
      },
      catch: (thrown) => fromThrown(asked, thrown),
    }).pipe(
      Effect.flatMap(({ bytes, usage }) =>
        bytes === undefined
          ? new ModelCutOff({ provider: settings.name })
          : Effect.succeed({
              bytes,
              usage:
                usage == null
                  ? undefined
                  : { promptTokens: usage.input_tokens, completionTokens: usage.output_tokens },
            }),
      ),
      Effect.timeoutFail({
        duration: answer,
        onTimeout: () => new ModelTimedOut({ provider: settings.name, waitingFor: "first token" }),
      }),
    )
  }
}

/** All configured providers' images APIs as one port; a model's id names its provider. */
export const layer = Layer.effect(
  ImageModel,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const { answer } = yield* Limits.config
    const adapters = new Map(
      providers.configured.map((provider) => [provider.id, adapter(provider, answer)] as const),
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
