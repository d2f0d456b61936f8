import { Either } from "effect"
import { ModelNotFound } from "../../domain/models/LanguageModel"
import type { ProviderSettings, Providers } from "./ConfiguredProviders"
import type { ProviderId } from "./ProviderDefinitions"

/** Who answers for a model id, and by which name that provider knows the model. */
export type Resolved =
  | { readonly _tag: "Demo" }
  | { readonly _tag: "Provider"; readonly provider: ProviderSettings; readonly model: string }

/** Those that take other providers' names, in order of preference. */
const aggregators: ReadonlyArray<ProviderId> = ["openrouter", "generic"]

/** `provider/name`, the id that leads back to that provider whatever else is configured. */
export const canonicalId = (provider: ProviderId | undefined, model: string) =>
  provider === undefined ? model : `${provider}/${model}`

/** A provider's name for one of its models, as people know it. */
const knownAs = ({ id }: ProviderSettings, model: string) => {
  if (id === "google") return model.replace(/^models\//, "")
  return id === "ollama" ? model.replace(/:latest$/, "") : model
}

/** OpenRouter's own routers are named `openrouter/…`; all its other models have a maker's name too. */
const nameAt = ({ id }: ProviderSettings, model: string) =>
  id === "openrouter" && !model.includes("/") ? `openrouter/${model}` : model

/**
 * `openai/gpt-4o` goes to OpenAI if that is configured, otherwise as a whole to an aggregator;
 * a name without a slash goes to the default model's provider; `demo` is always there.
 */
export const resolve = (providers: Providers, id: string): Either.Either<Resolved, ModelNotFound> => {
  const find = (wanted: string) => providers.configured.find((provider) => provider.id === wanted)
  const to = (
    provider: ProviderSettings | undefined,
    model: string,
  ): Either.Either<Resolved, ModelNotFound> =>
    provider === undefined || model === ""
      ? Either.left(new ModelNotFound({ model: id }))
      : Either.right({ _tag: "Provider", provider, model: nameAt(provider, model) })

  if (id === "demo") return Either.right({ _tag: "Demo" })
  const slash = id.indexOf("/")
  if (slash < 0) return to(find(providers.defaultModel.split("/", 1)[0] ?? ""), id)
  const named = find(id.slice(0, slash))
  const rest = id.slice(slash + 1)
  if (named !== undefined) return to(named, rest)
  return to(
    aggregators.map(find).find((provider) => provider !== undefined),
    id,
  )
}

/**
 * The shortest id that leads to a provider's model and to no other: the maker's own name for it,
 * where the provider is an aggregator and is the one to be asked by that name.
 */
export const listedId = (providers: Providers, provider: ProviderSettings, model: string): string => {
  const name = knownAs(provider, model)
  const plain = resolve(providers, name)
  const leadsBack =
    name.includes("/") &&
    Either.isRight(plain) &&
    plain.right._tag === "Provider" &&
    plain.right.provider === provider &&
    plain.right.model === name
  return leadsBack ? name : canonicalId(provider.id, name)
}
