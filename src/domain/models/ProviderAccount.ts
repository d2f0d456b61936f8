import { type Redacted, Schema } from "effect"

/** The id of a model provider; `demo` is the built-in model, and `generic` any OpenAI-compatible server. */
export const ProviderId = Schema.Literal(
  "openai",
  "openrouter",
  "anthropic",
  "google",
  "ollama",
  "generic",
  "demo",
)
export type ProviderId = typeof ProviderId.Type

/** A provider that is called over HTTP. */
export type RemoteProviderId = Exclude<ProviderId, "demo">

/** A user's own account with a provider, for calls that are to be made with it instead of the server's. */
export interface ProviderAccount {
  readonly provider: RemoteProviderId
  readonly apiKey: Redacted.Redacted | undefined
  /** Chosen by the user, and so never followed into private networks; undefined for the provider's usual one. */
  readonly baseUrl: string | undefined
}
