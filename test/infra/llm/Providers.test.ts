import { describe, expect } from "bun:test"
import { ConfigProvider, Effect, Redacted } from "effect"
import * as Providers from "../../../src/infra/llm/Providers"
import * as Limits from "../../../src/infra/llm/Timeouts"
import { it } from "../../support/it"
import { configured } from "./providerFixtures"

type Settings = Readonly<Record<string, string>>
const from = (settings: Settings) => ConfigProvider.fromMap(new Map(Object.entries(settings)))
const providers = (settings: Settings) => from(settings).load(Providers.config)

const found = (settings: Settings) =>
  Effect.map(providers(settings), ({ configured, defaultModel }) => ({
    defaultModel,
    at: configured.map(({ id, baseUrl, key }) =>
      [id, baseUrl, key === undefined ? "" : Redacted.value(key)].join(" "),
    ),
  }))

const cases: ReadonlyArray<
  readonly [name: string, Settings, defaultModel: string, at: ReadonlyArray<string>]
> = [
  ["nothing", {}, "demo", []],
  ["empty values", { OPENAI_API_KEY: "", OPENAI_BASE_URL: " ", DEFAULT_MODEL: "" }, "demo", []],
  ["an OpenAI key", { OPENAI_API_KEY: "k" }, "openai/gpt-4o-mini", ["openai https://api.openai.com/v1 k"]],
  [
    "an OpenAI address alone",
    { OPENAI_BASE_URL: "http://localhost:8000/v1/" },
    "openai/gpt-4o-mini",
    ["openai http://localhost:8000/v1 "],
  ],
  [
    "an address without a path",
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
  ["an Anthropic address without a key", { ANTHROPIC_BASE_URL: "https://proxy.test" }, "demo", []],
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
    "an Ollama address",
    { OLLAMA_BASE_URL: "http://gpu:11434" },
    "ollama/llama3.2",
    ["ollama http://gpu:11434/v1 "],
  ],
  [
    "Ollama's own host setting",
    { OLLAMA_HOST: "0.0.0.0" },
    "ollama/llama3.2",
    ["ollama http://127.0.0.1:11434/v1 "],
  ],
  ["Ollama's host and port", { OLLAMA_HOST: "gpu:80" }, "ollama/llama3.2", ["ollama http://gpu/v1 "]],
  ["Ollama's port alone", { OLLAMA_HOST: ":5000" }, "ollama/llama3.2", ["ollama http://127.0.0.1:5000/v1 "]],
  [
    "Ollama's host as an address",
    { OLLAMA_HOST: "https://ollama.test/" },
    "ollama/llama3.2",
    ["ollama https://ollama.test/v1 "],
  ],
  [
    "a server of one's own",
    { LLM_BASE_URL: "http://vllm:8000/v1", LLM_API_KEY: "k", DEFAULT_MODEL: "qwen/qwen3" },
    "generic/qwen/qwen3",
    ["generic http://vllm:8000/v1 k"],
  ],
  [
    "several, the first of which answers",
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
    "demo by wish",
    { OPENAI_API_KEY: "k", DEFAULT_MODEL: "demo" },
    "demo",
    ["openai https://api.openai.com/v1 k"],
  ],
]

describe("settings configure providers:", () => {
  for (const [name, settings, defaultModel, at] of cases) {
    it.live(name, () =>
      Effect.map(found(settings), (all) => expect(all).toEqual({ defaultModel, at: [...at] })),
    )
  }
})

const address = "must be an http or https address, such as https://api.example.com/v1."
const wrong: ReadonlyArray<readonly [Settings, sentence: string]> = [
  [{ OPENAI_BASE_URL: "localhost:8000" }, `OPENAI_BASE_URL ${address}`],
  [{ OPENROUTER_BASE_URL: "ftp://x/v1", OPENROUTER_API_KEY: "k" }, `OPENROUTER_BASE_URL ${address}`],
  [{ OLLAMA_HOST: "not a host" }, `OLLAMA_HOST ${address}`],
  [
    { LLM_BASE_URL: "https://me:secret@host/v1" },
    "LLM_BASE_URL must not hold a user name or password; a key has a setting of its own.",
  ],
  [{ LLM_API_KEY: "secret" }, "LLM_BASE_URL must be set when LLM_API_KEY is."],
  [{ LLM_BASE_URL: "http://vllm" }, "DEFAULT_MODEL must name a model of the server at LLM_BASE_URL."],
  [
    { DEFAULT_MODEL: "openai/gpt-4o" },
    "DEFAULT_MODEL must name a model of a configured provider, such as openai/gpt-4o-mini.",
  ],
  [
    { LLM_IDLE_TIMEOUT: "soon" },
    "LLM_IDLE_TIMEOUT must be a length of time from 1 millis to 24 hours, such as 30 seconds.",
  ],
  [
    { LLM_FIRST_TOKEN_TIMEOUT: "0 seconds" },
    "LLM_FIRST_TOKEN_TIMEOUT must be a length of time from 1 millis to 24 hours, such as 30 seconds.",
  ],
  [{ LLM_MAX_RETRIES: "many" }, "LLM_MAX_RETRIES must be a whole number from 0 to 10."],
]

describe("a wrong setting stops the start with a sentence:", () => {
  for (const [settings, sentence] of wrong) {
    it.live(sentence, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(configured(settings))
        expect(error).toMatchObject({ _op: "InvalidData", message: sentence })
        expect(String(error)).not.toContain("secret")
      }),
    )
  }
})

describe("limits", () => {
  it.live("have working defaults", () =>
    Effect.gen(function* () {
      const { firstToken, idle, retries } = yield* from({}).load(Limits.config)
      expect([firstToken, idle, retries]).toEqual([60_000, 30_000, 2])
    }),
  )
})
