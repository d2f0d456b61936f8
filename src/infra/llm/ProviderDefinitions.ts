import type { Redacted } from "effect"
import type { RemoteProviderId } from "../../domain/models/ProviderAccount"
import { type ParsedUrl, parseBaseUrl, parseOllamaHost, parseOllamaUrl } from "./BaseUrl"
import type { ProviderFetch } from "./ProviderFetch"

export interface ProviderDefinition {
  readonly id: RemoteProviderId
  /** Display name used in messages. */
  readonly name: string
  /** Environment variables of its API key, in order of precedence. */
  readonly keyVariables: ReadonlyArray<string>
  /** How its API keys begin and those of no other provider do; undefined if they have no such prefix. */
  readonly keyPrefix?: string
  /** Environment variables of its base URL with their parsers, in order of precedence. */
  readonly urlVariables: ReadonlyArray<
    readonly [variable: string, parse: (value: string, defaultPath: string) => ParsedUrl]
  >
  readonly defaultUrl: string | undefined
  /** The path added to a base URL that has none. */
  readonly defaultPath: string
  /** True if the base URL alone configures the provider: self-hosted servers seldom require a key. */
  readonly apiKeyOptional: boolean
  readonly defaultModel: string | undefined
}

/** All supported providers; the first configured one is the default. */
export const providerDefinitions: ReadonlyArray<ProviderDefinition> = [
  {
    id: "openai",
    name: "OpenAI",
    keyVariables: ["OPENAI_API_KEY"],
    urlVariables: [["OPENAI_BASE_URL", parseBaseUrl]],
    defaultUrl: "https://api.openai.com/v1",
    defaultPath: "/v1",
    apiKeyOptional: true,
    defaultModel: "gpt-4o-mini",
  },
  {
    id: "openrouter",
    name: "OpenRouter",
    keyVariables: ["OPENROUTER_API_KEY"],
    keyPrefix: "sk-or-",
    urlVariables: [["OPENROUTER_BASE_URL", parseBaseUrl]],
    defaultUrl: "https://openrouter.ai/api/v1",
    defaultPath: "/api/v1",
    apiKeyOptional: false,
    defaultModel: "openrouter/auto",
  },
  {
    id: "anthropic",
    name: "Anthropic",
    keyVariables: ["ANTHROPIC_API_KEY"],
    keyPrefix: "sk-ant-",
    urlVariables: [["ANTHROPIC_BASE_URL", parseBaseUrl]],
    defaultUrl: "https://api.anthropic.com/v1",
    defaultPath: "/v1",
    apiKeyOptional: false,
    defaultModel: "claude-haiku-4-5",
  },
  {
    id: "google",
    name: "Google",
    keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    keyPrefix: "AIza",
    urlVariables: [
      ["GEMINI_BASE_URL", parseBaseUrl],
      ["GOOGLE_BASE_URL", parseBaseUrl],
    ],
    defaultUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    defaultPath: "/v1beta/openai",
    apiKeyOptional: false,
    defaultModel: "gemini-flash-latest",
  },
  {
    id: "ollama",
    name: "Ollama",
    keyVariables: [],
    urlVariables: [
      ["OLLAMA_BASE_URL", parseOllamaUrl],
      ["OLLAMA_HOST", parseOllamaHost],
    ],
    defaultUrl: undefined,
    defaultPath: "/v1",
    apiKeyOptional: true,
    defaultModel: "llama3.2",
  },
  {
    id: "generic",
    name: "The model server",
    keyVariables: ["LLM_API_KEY"],
    urlVariables: [["LLM_BASE_URL", parseBaseUrl]],
    defaultUrl: undefined,
    defaultPath: "/v1",
    apiKeyOptional: true,
    defaultModel: undefined,
  },
]

/** A provider with the configuration needed to call it. */
export interface ConfiguredProvider {
  readonly id: RemoteProviderId
  /** Display name used in messages. */
  readonly name: string
  /** Without a trailing slash; `/chat/completions` is appended. */
  readonly baseUrl: string
  readonly key: Redacted.Redacted | undefined
  /** Whether the account is the calling user's, and not the server's. */
  readonly isOwnAccount?: boolean
  /** Sends requests to it; `fetchProvider` by default. */
  readonly send?: ProviderFetch
}

/** The configured providers and the default model. */
export interface ProvidersConfig {
  /** In order of preference; only `demo` is available when it is empty. */
  readonly configured: ReadonlyArray<ConfiguredProvider>
  /** `provider/name`, or `demo`. */
  readonly defaultModel: string
}
