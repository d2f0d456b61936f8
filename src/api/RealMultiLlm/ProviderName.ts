import { Option, Schema } from "effect"
import { ProviderId } from "../../domain/models/ModelProviders"

/** Providers that this contract has other names for; the first one is used in responses. */
const names: Partial<Record<ProviderId, ReadonlyArray<string>>> = {
  anthropic: ["claude", "anthropic"],
  google: ["google", "gemini"],
}

const isProviderId = Schema.is(ProviderId)

/** Returns the name of a provider in responses; the same for providers that Parley does not know. */
export const providerName = (id: string): string => (isProviderId(id) ? (names[id]?.[0] ?? id) : id)

/** Returns the id of the provider that a name means; none for providers that Parley does not know. */
export const providerIdOf = (name: string): Option.Option<ProviderId> =>
  Option.orElse(Option.fromNullable(ProviderId.literals.find((id) => names[id]?.includes(name))), () =>
    Option.liftPredicate(name, isProviderId),
  )
