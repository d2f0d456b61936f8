import { type Address, baseUrl, ollamaHost } from "./BaseUrl"

export type ProviderId = "openai" | "openrouter" | "anthropic" | "google" | "ollama" | "generic"

export interface Known {
  readonly id: ProviderId
  /** As it is called in messages to people. */
  readonly name: string
  readonly keys: ReadonlyArray<string>
  /** Settings of its address, the first given wins. */
  readonly urls: ReadonlyArray<readonly [setting: string, read: (value: string, path: string) => Address]>
  readonly url: string | undefined
  /** The path that is meant when an address has none. */
  readonly path: string
  /** Its address alone configures it: servers of one's own seldom ask for a key. */
  readonly keyless: boolean
  readonly defaultModel: string | undefined
}

/** The providers that have settings of their own; the first configured one is the default. */
export const known: ReadonlyArray<Known> = [
  {
    id: "openai",
    name: "OpenAI",
    keys: ["OPENAI_API_KEY"],
    urls: [["OPENAI_BASE_URL", baseUrl]],
    url: "https://api.openai.com/v1",
    path: "/v1",
    keyless: true,
    defaultModel: "gpt-4o-mini",
  },
  {
    id: "openrouter",
    name: "OpenRouter",
    keys: ["OPENROUTER_API_KEY"],
    urls: [["OPENROUTER_BASE_URL", baseUrl]],
    url: "https://openrouter.ai/api/v1",
    path: "/api/v1",
    keyless: false,
    defaultModel: "openrouter/auto",
  },
  {
    id: "anthropic",
    name: "Anthropic",
    keys: ["ANTHROPIC_API_KEY"],
    urls: [["ANTHROPIC_BASE_URL", baseUrl]],
    url: "https://api.anthropic.com/v1",
    path: "/v1",
    keyless: false,
    defaultModel: "claude-haiku-4-5",
  },
  {
    id: "google",
    name: "Google",
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    urls: [
      ["GEMINI_BASE_URL", baseUrl],
      ["GOOGLE_BASE_URL", baseUrl],
    ],
    url: "https://generativelanguage.googleapis.com/v1beta/openai",
    path: "/v1beta/openai",
    keyless: false,
    defaultModel: "gemini-flash-latest",
  },
  {
    id: "ollama",
    name: "Ollama",
    keys: [],
    urls: [
      ["OLLAMA_BASE_URL", baseUrl],
      ["OLLAMA_HOST", ollamaHost],
    ],
    url: undefined,
    path: "/v1",
    keyless: true,
    defaultModel: "llama3.2",
  },
  {
    id: "generic",
    name: "The model server",
    keys: ["LLM_API_KEY"],
    urls: [["LLM_BASE_URL", baseUrl]],
    url: undefined,
    path: "/v1",
    keyless: true,
    defaultModel: undefined,
  },
]
