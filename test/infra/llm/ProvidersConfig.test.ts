import { describe, expect } from "bun:test"
import { ConfigProvider, Effect, Redacted } from "effect"
import * as CallPolicy from "../../../src/infra/llm/CallPolicy"
import * as Providers from "../../../src/infra/llm/ProvidersConfig"
import { it } from "../../support/it"
import { makeModel } from "./providerFixtures"

type Variables = Readonly<Record<string, string>>
const configFrom = (variables: Variables) => ConfigProvider.fromMap(new Map(Object.entries(variables)))
const loadConfig = (variables: Variables) => configFrom(variables).load(Providers.config)

const loadProviders = (variables: Variables) =>
  Effect.map(loadConfig(variables), ({ configured, defaultModel }) => ({
    defaultModel,
    urls: configured.map(({ id, baseUrl, key }) =>
      [id, baseUrl, key === undefined ? "" : Redacted.value(key)].join(" "),
    ),
  }))

const cases: ReadonlyArray<
  readonly [name: string, Variables, defaultModel: string, urls: ReadonlyArray<string>]
> = [
  ["nothing", {}, "demo", []],
  ["empty values", { OPENAI_API_KEY: "", OPENAI_BASE_URL: " ", DEFAULT_MODEL: "" }, "demo", []],
  ["an OpenAI key", { OPENAI_API_KEY: "k" }, "openai/gpt-4o-mini", ["openai https://api.openai.com/v1 k"]],
  [
    "an OpenAI base URL alone",
    { OPENAI_BASE_URL: "http://localhost:8000/v1/" },
    "openai/gpt-4o-mini",
    ["openai http://localhost:8000/v1 "],
  ],
  [
    "a base URL without a path",
    { OPENAI_BASE_URL: "http://localhost:8000" },
    "openai/gpt-4o-mini",
    ["openai http://localhost:8000/v1 "],
  ],
  [
    "an OpenRouter key",
    { OPENROUTER_API_KEY: "k" },
    "openrouter/openrouter/auto",
    ["openrouter https://openrouter.ai/api/v1 k"],
  ],
  [
    "an Anthropic key",
    { ANTHROPIC_API_KEY: "k" },
    "anthropic/claude-haiku-4-5",
    ["anthropic https://api.anthropic.com/v1 k"],
  ],
  ["an Anthropic base URL without a key", { ANTHROPIC_BASE_URL: "https://proxy.test" }, "demo", []],
  [
    "Anthropic behind a proxy",
    { ANTHROPIC_BASE_URL: "https://proxy.test", ANTHROPIC_API_KEY: "k" },
    "anthropic/claude-haiku-4-5",
    ["anthropic https://proxy.test/v1 k"],
  ],
  [
    "a Gemini key",
    { GEMINI_API_KEY: "k", GOOGLE_API_KEY: "l" },
    "google/gemini-flash-latest",
    ["google https://generativelanguage.googleapis.com/v1beta/openai k"],
  ],
  [
    "a Google key",
    { GOOGLE_API_KEY: "l" },
    "google/gemini-flash-latest",
    ["google https://generativelanguage.googleapis.com/v1beta/openai l"],
  ],
  [
    "an Ollama base URL",
    { OLLAMA_BASE_URL: "http://gpu:11434" },
    "ollama/llama3.2",
    ["ollama http://gpu:11434/v1 "],
  ],
  [
    "Ollama's OLLAMA_HOST",
    { OLLAMA_HOST: "0.0.0.0" },
    "ollama/llama3.2",
    ["ollama http://127.0.0.1:11434/v1 "],
  ],
  ["Ollama's host and port", { OLLAMA_HOST: "gpu:80" }, "ollama/llama3.2", ["ollama http://gpu/v1 "]],
  ["Ollama's port alone", { OLLAMA_HOST: ":5000" }, "ollama/llama3.2", ["ollama http://127.0.0.1:5000/v1 "]],
  [
    "Ollama's host as a URL",
    { OLLAMA_HOST: "https://ollama.test/" },
    "ollama/llama3.2",
    ["ollama https://ollama.test/v1 "],
  ],
  [
    "a self-hosted server",
    { LLM_BASE_URL: "http://vllm:8000/v1", LLM_API_KEY: "k", DEFAULT_MODEL: "qwen/qwen3" },
    "generic/qwen/qwen3",
    ["generic http://vllm:8000/v1 k"],
  ],
  [
    "several providers, of which the first is the default",
    { OLLAMA_HOST: "gpu", GEMINI_API_KEY: "k" },
    "google/gemini-flash-latest",
    ["google https://generativelanguage.googleapis.com/v1beta/openai k", "ollama http://gpu:11434/v1 "],
  ],
  [
    "another default",
    { OLLAMA_HOST: "gpu", OPENAI_API_KEY: "k", DEFAULT_MODEL: "ollama/phi4" },
    "ollama/phi4",
    ["openai https://api.openai.com/v1 k", "ollama http://gpu:11434/v1 "],
  ],
  [
    "a bare default",
    { OPENAI_API_KEY: "k", DEFAULT_MODEL: "gpt-4.1" },
    "openai/gpt-4.1",
    ["openai https://api.openai.com/v1 k"],
  ],
  [
    "demo as the default model",
    { OPENAI_API_KEY: "k", DEFAULT_MODEL: "demo" },
    "demo",
    ["openai https://api.openai.com/v1 k"],
  ],
]

/** Base URLs as users copy them, and where calls go. */
const baseUrls: ReadonlyArray<readonly [variable: string, value: string, baseUrl: string]> = [
  ["OPENAI_BASE_URL", "https://api.openai.com", "https://api.openai.com/v1"],
  ["OPENAI_BASE_URL", "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"],
  ["OPENAI_BASE_URL", "'http://vllm:8000/v1/models/'", "http://vllm:8000/v1"],
  ["OPENAI_BASE_URL", "http://vllm:8000/chat/completions/", "http://vllm:8000/v1"],
  ["OPENAI_BASE_URL", "http://gateway/team-a//v1//", "http://gateway/team-a//v1"],
  ["OPENAI_BASE_URL", "http://gateway/v1?tenant=a", "http://gateway/v1?tenant=a"],
  ["OPENAI_BASE_URL", "https://openrouter.ai/api", "https://openrouter.ai/api/v1"],
  ["OPENAI_BASE_URL", "https://api.groq.com/v1", "https://api.groq.com/openai/v1"],
  ["OPENAI_BASE_URL", "https://api.perplexity.ai", "https://api.perplexity.ai"],
  ["OPENAI_BASE_URL", "https://me.openai.azure.com/", "https://me.openai.azure.com/openai/v1"],
  [
    "OPENAI_BASE_URL",
    "https://me.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
    "https://me.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21",
  ],
  ["ANTHROPIC_BASE_URL", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"],
  [
    "GEMINI_BASE_URL",
    "https://generativelanguage.googleapis.com/v1beta/",
    "https://generativelanguage.googleapis.com/v1beta/openai",
  ],
  ["OLLAMA_BASE_URL", "http://gpu:11434/api", "http://gpu:11434/v1"],
  ["OLLAMA_HOST", "gpu/api/chat", "http://gpu:11434/v1"],
  ["LLM_BASE_URL", "https://webui.test/api/chat/completions", "https://webui.test/api"],
]

describe("Provider configuration", () => {
  for (const [variable, value, baseUrl] of baseUrls) {
    it.live(`takes ${variable}=${value} for ${baseUrl}`, () =>
      Effect.gen(function* () {
        const { configured } = yield* loadConfig({
          [variable]: value,
          ANTHROPIC_API_KEY: "k",
          GEMINI_API_KEY: "k",
          DEFAULT_MODEL: "demo",
        })
        expect(configured.map((provider) => provider.baseUrl)).toContain(baseUrl)
      }),
    )
  }

  it.live("takes a key out of the quotes and the scheme around it", () =>
    Effect.gen(function* () {
      const { configured } = yield* loadConfig({ OPENAI_API_KEY: '"Bearer sk-test "' })
      expect(configured.map(({ key }) => key && Redacted.value(key))).toEqual(["sk-test"])
    }),
  )

  for (const [name, variables, defaultModel, urls] of cases) {
    it.live(`accepts ${name}`, () =>
      Effect.map(loadProviders(variables), (loaded) =>
        expect(loaded).toEqual({ defaultModel, urls: [...urls] }),
      ),
    )
  }
})

const urlMessage = "must be an http or https URL, such as https://api.example.com/v1."
const invalid: ReadonlyArray<readonly [Variables, message: string]> = [
  [{ OPENAI_BASE_URL: "localhost:8000" }, `OPENAI_BASE_URL ${urlMessage}`],
  [{ OPENROUTER_BASE_URL: "ftp://x/v1", OPENROUTER_API_KEY: "k" }, `OPENROUTER_BASE_URL ${urlMessage}`],
  [{ OLLAMA_HOST: "not a host" }, `OLLAMA_HOST ${urlMessage}`],
  [
    { LLM_BASE_URL: "https://me:secret@host/v1" },
    "LLM_BASE_URL must not contain a user name or password; the key has its own variable.",
  ],
  [
    { OPENAI_BASE_URL: "https://chatgpt.com/", OPENAI_API_KEY: "k" },
    "OPENAI_BASE_URL must be the URL of an API, such as https://api.openai.com/v1, and not of a website.",
  ],
  [
    { OPENAI_BASE_URL: "https://me.openai.azure.com/openai/deployments/gpt" },
    "OPENAI_BASE_URL must have an api-version, such as ?api-version=2024-10-21, or end with /openai/v1.",
  ],
  [{ OPENAI_API_KEY: "secret one" }, "OPENAI_API_KEY must be one key of ASCII characters without spaces."],
  [{ GEMINI_API_KEY: "secret…" }, "GEMINI_API_KEY must be one key of ASCII characters without spaces."],
  [
    { OPENAI_API_KEY: "sk-ant-secret" },
    "OPENAI_API_KEY must be a key of OpenAI; ANTHROPIC_API_KEY is for one of Anthropic.",
  ],
  [
    { ANTHROPIC_API_KEY: "sk-or-secret" },
    "ANTHROPIC_API_KEY must be a key of Anthropic; OPENROUTER_API_KEY is for one of OpenRouter.",
  ],
  [{ LLM_API_KEY: "secret" }, "LLM_BASE_URL must be set when LLM_API_KEY is."],
  [{ LLM_BASE_URL: "http://vllm" }, "DEFAULT_MODEL must name a model of the server at LLM_BASE_URL."],
  [
    { DEFAULT_MODEL: "openai/gpt-4o" },
    "DEFAULT_MODEL must name a model of a configured provider, such as openai/gpt-4o-mini.",
  ],
  [
    { LLM_IDLE_TIMEOUT: "soon" },
    "LLM_IDLE_TIMEOUT must be a duration from 1 millis to 24 hours, such as 30 seconds.",
  ],
  [
    { LLM_FIRST_TOKEN_TIMEOUT: "0 seconds" },
    "LLM_FIRST_TOKEN_TIMEOUT must be a duration from 1 millis to 24 hours, such as 30 seconds.",
  ],
  [{ LLM_MAX_RETRIES: "many" }, "LLM_MAX_RETRIES must be a whole number from 0 to 10."],
]

describe("Invalid provider configuration", () => {
  for (const [variables, message] of invalid) {
    it.live(`fails with: ${message}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(makeModel(variables))
        expect(error).toMatchObject({ _op: "InvalidData", message })
        expect(String(error)).not.toContain("secret")
      }),
    )
  }
})

describe("CallPolicy", () => {
  it.live("has working defaults", () =>
    Effect.gen(function* () {
      const { firstTokenTimeout, idleTimeout, maxRetries } = yield* configFrom({}).load(CallPolicy.config)
      expect([firstTokenTimeout, idleTimeout, maxRetries]).toEqual([60_000, 30_000, 2])
    }),
  )
})
