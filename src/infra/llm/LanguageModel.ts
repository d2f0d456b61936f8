import { Effect, Either, Layer } from "effect"
import { LanguageModel, type ModelRequest } from "../../domain/models/LanguageModel"
import * as CallPolicy from "./CallPolicy"
import * as Demo from "./DemoModel"
import { resolve } from "./ModelRouting"
import * as OpenAi from "./OpenAi"
import * as Providers from "./ProvidersConfig"

/**
 * Implements the port with all configured providers and the demo model. Fails with a ConfigError naming the
 * variable.
 */
export const layer = Layer.effect(
  LanguageModel,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const policy = yield* CallPolicy.config
    const adapters = new Map(
      providers.configured.map((provider) => [provider.id, OpenAi.make(provider, policy)] as const),
    )

    /** Returns the adapter for a request with the model's upstream name, or undefined for the demo model. */
    const findAdapter = (request: ModelRequest) =>
      Either.map(resolve(providers, request.model), (resolved) => {
        const adapter = resolved._tag === "Provider" ? adapters.get(resolved.provider.id) : undefined
        return resolved._tag === "Demo" || adapter === undefined
          ? undefined
          : { ...adapter, model: resolved.model }
      })

    return {
      defaultModel: providers.defaultModel,
      stream: (request, onDelta) =>
        Effect.flatMap(
          findAdapter(request),
          (adapter) => adapter?.stream(adapter.model, request, onDelta) ?? Demo.stream(request, onDelta),
        ),
      complete: (request) =>
        Effect.flatMap(
          findAdapter(request),
          (adapter) => adapter?.complete(adapter.model, request) ?? Demo.complete(request),
        ),
    }
  }),
)
