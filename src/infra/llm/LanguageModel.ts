import { Effect, Either, Layer } from "effect"
import { LanguageModel, type ModelRequest } from "../../domain/models/LanguageModel"
import * as Demo from "./Demo"
import { resolve } from "./ModelRouting"
import * as OpenAi from "./OpenAi"
import * as Providers from "./Providers"
import * as Limits from "./Timeouts"

/** All configured providers as one port. Fails with a ConfigError of one sentence naming the setting. */
export const layer = Layer.effect(
  LanguageModel,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const limits = yield* Limits.config
    const adapters = new Map(
      providers.configured.map((provider) => [provider.id, OpenAi.make(provider, limits)] as const),
    )

    const modelOf = (request: ModelRequest) =>
      Either.map(resolve(providers, request.model), (found) => {
        const adapter = found._tag === "Provider" ? adapters.get(found.provider.id) : undefined
        return found._tag === "Demo" || adapter === undefined ? undefined : { ...adapter, model: found.model }
      })

    return {
      defaultModel: providers.defaultModel,
      speak: (request, hear) =>
        Effect.flatMap(
          modelOf(request),
          (found) => found?.speak(found.model, request, hear) ?? Demo.speak(request, hear),
        ),
      complete: (request) =>
        Effect.flatMap(
          modelOf(request),
          (found) => found?.complete(found.model, request) ?? Demo.complete(request),
        ),
    }
  }),
)
