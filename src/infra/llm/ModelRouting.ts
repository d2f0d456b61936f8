import { Either } from "effect"
import { ModelNotFound } from "../../domain/models/LanguageModel"
import type { RemoteProviderId } from "../../domain/models/ProviderAccount"
import type { ConfiguredProvider, ProvidersConfig } from "./ProviderDefinitions"

/** The provider that serves a model id, and the provider's name of the model. */
export type ResolvedModel =
  | { readonly _tag: "Demo" }
  | { readonly _tag: "Provider"; readonly provider: ConfiguredProvider; readonly model: string }

/** Providers that accept other providers' model names, in order of preference. */
const aggregators: ReadonlyArray<RemoteProviderId> = ["openrouter", "generic"]

/** Returns `provider/name`, the id that resolves to this provider whatever else is configured. */
export const canonicalId = (provider: RemoteProviderId | undefined, model: string) =>
  provider === undefined ? model : `${provider}/${model}`

/** Returns a provider's name of a model without the parts that users omit. */
export const displayName = ({ id }: ConfiguredProvider, model: string) => {
  if (id === "google") return model.replace(/^models\//, "")
  return id === "ollama" ? model.replace(/:latest$/, "") : model
}

/**
 * Returns the name to send to the provider: OpenRouter's own routers are `openrouter/…`, its other models
 * carry their vendor's name.
 */
export const upstreamName = ({ id }: ConfiguredProvider, model: string) =>
  id === "openrouter" && !model.includes("/") ? `openrouter/${model}` : model

/**
 * Resolves a model id: `openai/gpt-4o` to OpenAI if that is configured, otherwise unchanged to an
 * aggregator; a name without a slash to the default model's provider. `demo` is always available.
 */
export const resolve = (
  providers: ProvidersConfig,
  id: string,
): Either.Either<ResolvedModel, ModelNotFound> => {
  const find = (providerId: string) => providers.configured.find(({ id }) => id === providerId)
  const routeTo = (
    provider: ConfiguredProvider | undefined,
    model: string,
  ): Either.Either<ResolvedModel, ModelNotFound> =>
    provider === undefined || model === ""
      ? Either.left(new ModelNotFound({ model: id }))
      : Either.right({ _tag: "Provider", provider, model: upstreamName(provider, model) })

  if (id === "demo") return Either.right({ _tag: "Demo" })
  const slash = id.indexOf("/")
  if (slash < 0) return routeTo(find(providers.defaultModel.split("/", 1)[0] ?? ""), id)
  const prefixed = find(id.slice(0, slash))
  const rest = id.slice(slash + 1)
  if (prefixed !== undefined) return routeTo(prefixed, rest)
  return routeTo(
    aggregators.map(find).find((provider) => provider !== undefined),
    id,
  )
}

/**
 * Returns the shortest id that resolves to this provider's model: the vendor's own name where the
 * provider is the aggregator that such names resolve to, otherwise the canonical id.
 */
export const publicId = (providers: ProvidersConfig, provider: ConfiguredProvider, model: string): string => {
  const name = displayName(provider, model)
  const byName = resolve(providers, name)
  const resolvesBack =
    name.includes("/") &&
    Either.isRight(byName) &&
    byName.right._tag === "Provider" &&
    byName.right.provider === provider &&
    byName.right.model === name
  return resolvesBack ? name : canonicalId(provider.id, name)
}
