import type { Redacted } from "effect"
import type { ProviderId } from "./ProviderDefinitions"

/** A provider that can be called. */
export interface ProviderSettings {
  readonly id: ProviderId
  /** As it is called in messages to people. */
  readonly name: string
  /** Without a slash at its end; `/chat/completions` follows it. */
  readonly baseUrl: string
  readonly key: Redacted.Redacted | undefined
}

/** What this server can answer with. */
export interface Providers {
  /** In order of preference; none means that only `demo` answers. */
  readonly configured: ReadonlyArray<ProviderSettings>
  /** `provider/name`, or `demo`. */
  readonly defaultModel: string
}
