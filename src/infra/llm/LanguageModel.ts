import { Effect, Either, Layer } from "effect"
import { LanguageModel, type ModelError, type ModelRequest } from "../../domain/models/LanguageModel"
import type { ProviderAccount } from "../../domain/models/ProviderAccount"
import * as CallPolicy from "./CallPolicy"
import * as Demo from "./DemoModel"
import { ListedModels } from "./ListedModels"
import { resolve, upstreamName } from "./ModelRouting"
import * as OpenAi from "./OpenAi"
import { makeAccountResolver } from "./ProviderAccountResolver"
import * as Providers from "./ProvidersConfig"
import { RequestAdaptations } from "./RequestAdaptations"

/** A provider's adapter, and its own name of the model to call. */
type Adapter = ReturnType<typeof OpenAi.make> & { readonly model: string }

/**
 * Implements the port with all configured providers and the demo model. Fails with a ConfigError naming the
 * variable.
 */
export const layer = Layer.effect(
  LanguageModel,
  Effect.gen(function* () {
    const providers = yield* Providers.config
    const routing = { ...providers, isListed: (yield* ListedModels).has }
    const policy = yield* CallPolicy.config
    const adaptations = yield* RequestAdaptations
    const resolveAccount = yield* makeAccountResolver
    const adapters = new Map(
      providers.configured.map(
        (provider) => [provider.id, OpenAi.make(provider, policy, adaptations)] as const,
      ),
    )

    /** Makes an adapter for the one call that is made with a user's account. */
    const makeAdapter = (account: ProviderAccount, model: string) =>
      Either.map(resolveAccount(account), (provider) => ({
        ...OpenAi.make(provider, policy, adaptations),
        model: upstreamName(provider, model),
      }))

    const findServerAdapter = (model: string) =>
      Either.map(resolve(routing, model), (resolved) => {
        const adapter = resolved._tag === "Provider" ? adapters.get(resolved.provider.id) : undefined
        return resolved._tag === "Demo" || adapter === undefined
          ? undefined
          : { ...adapter, model: resolved.model }
      })

    /** Returns the adapter for a request with the model's upstream name, or undefined for the demo model. */
    const findAdapter = ({ account, model }: ModelRequest): Either.Either<Adapter | undefined, ModelError> =>
      account === undefined ? findServerAdapter(model) : makeAdapter(account, model)

    return {
      stream: (request, onDelta, onReasoning) =>
        Effect.flatMap(
          findAdapter(request),
          (adapter) =>
            adapter?.stream(adapter.model, request, onDelta, onReasoning) ?? Demo.stream(request, onDelta),
        ),
      complete: (request) =>
        Effect.flatMap(
          findAdapter(request),
          (adapter) => adapter?.complete(adapter.model, request) ?? Demo.complete(request),
        ),
    }
  }),
).pipe(Layer.provide([ListedModels.Default, RequestAdaptations.Default]))
