import { Option, Schema } from "effect"
import type { ProviderId } from "../../domain/models/ProviderAccount"
import { example } from "../../http/Example"

/** The providers by their names in this contract. */
const providers = {
  openai: "openai",
  claude: "anthropic",
  google: "google",
  openrouter: "openrouter",
  ollama: "ollama",
  generic: "generic",
  demo: "demo",
  anthropic: "anthropic",
  gemini: "google",
} as const satisfies Record<string, ProviderId>

type Name = keyof typeof providers

const isName = (name: string): name is Name => Object.hasOwn(providers, name)

/** The name of a provider in a request. */
export const ProviderName = Schema.Literal(...Object.keys(providers).filter(isName)).annotations({
  description: "The provider; `anthropic` is another name of `claude`, and `gemini` of `google`",
  ...example("openai"),
})

/** Returns the provider that a name means. */
export const providerOf = (name: Name): ProviderId => providers[name]

/** Returns the provider that a name means; none for providers that Parley does not know. */
export const providerIdOf = (name: string): Option.Option<ProviderId> =>
  Option.map(Option.liftPredicate(name, isName), providerOf)

/** Returns the name of a provider in responses; the same for providers that Parley does not know. */
export const providerName = (id: string): string => (id === "anthropic" ? "claude" : id)
