import { Either } from "effect"
import { ModelNotFound } from "../../domain/models/LanguageModel"
import type { RemoteProviderId } from "../../domain/models/ProviderAccount"
import { type ConfiguredProvider, type ProvidersConfig, providerDefinitions } from "./ProviderDefinitions"

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

/** Returns whether a provider is called at its own address, and not at that of a gateway or another server. */
const isItself = ({ id, baseUrl }: ConfiguredProvider) =>
  providerDefinitions.some((one) => one.id === id && one.defaultUrl === baseUrl)

const hasProviderPrefix = (id: string) => providerDefinitions.some((one) => id.startsWith(`${one.id}/`))

/** What resolving an id depends on: the configured providers, and the models that they list. */
export interface Routing extends ProvidersConfig {
  readonly isListed: (provider: RemoteProviderId, name: string) => boolean
}

/**
 * Resolves a model id. First by the lists: a provider that lists this very name, if several do, the one that
 * the id begins with or else the first. Then by its prefix: `openai/gpt-4o` to OpenAI if that is configured.
 * Otherwise unchanged to an aggregator, or to the default model's provider. `demo` is always available.
 */
export const resolve = (routing: Routing, id: string): Either.Either<ResolvedModel, ModelNotFound> => {
  const { configured, defaultModel, isListed } = routing
  const find = (providerId: string | undefined) => configured.find(({ id }) => id === providerId)
  const routeTo = (
    provider: ConfiguredProvider | undefined,
    model: string,
  ): Either.Either<ResolvedModel, ModelNotFound> =>
    provider === undefined || model === ""
      ? Either.left(new ModelNotFound({ model: id }))
      : Either.right({ _tag: "Provider", provider, model: upstreamName(provider, model) })

  if (id === "demo") return Either.right({ _tag: "Demo" })
  const slash = id.indexOf("/")
  const prefixed = slash < 0 ? undefined : find(id.slice(0, slash))
  const rest = id.slice(slash + 1)
  if (prefixed !== undefined && isListed(prefixed.id, id)) return routeTo(prefixed, id)
  if (prefixed !== undefined && isListed(prefixed.id, rest)) return routeTo(prefixed, rest)
  const listing = configured.find((provider) => isListed(provider.id, id))
  if (listing !== undefined) return routeTo(listing, id)
  if (prefixed !== undefined) return routeTo(prefixed, rest)
  const aggregator = slash < 0 ? undefined : aggregators.map(find).find((provider) => provider !== undefined)
  const fallback = aggregator ?? find(defaultModel.split("/", 1)[0])
  const isHopeless = aggregator === undefined && hasProviderPrefix(id) && fallback && isItself(fallback)
  return routeTo(isHopeless ? undefined : fallback, id)
}

/**
 * Returns whether a model may be chosen as the default: if the id names a provider that is not configured,
 * another one must list it or be an aggregator.
 */
export const isServed = (routing: Routing, id: string) =>
  Either.match(resolve(routing, id), {
    onLeft: () => false,
    onRight: (resolved) =>
      resolved._tag === "Demo" ||
      !hasProviderPrefix(id) ||
      id.startsWith(`${resolved.provider.id}/`) ||
      aggregators.includes(resolved.provider.id) ||
      routing.isListed(resolved.provider.id, id),
  })

/**
 * Returns the id under which this provider's model is listed: the vendor's own name where the provider is
 * the aggregator that such names resolve to, otherwise the canonical id.
 */
export const publicId = (routing: Routing, provider: ConfiguredProvider, model: string): string => {
  const name = displayName(provider, model)
  const byName = resolve(routing, name)
  const resolvesBack =
    name.includes("/") &&
    aggregators.includes(provider.id) &&
    Either.isRight(byName) &&
    byName.right._tag === "Provider" &&
    byName.right.provider === provider &&
    byName.right.model === name
  return resolvesBack ? name : canonicalId(provider.id, name)
}
