import { describe, expect } from "bun:test"
import { ConfigProvider, Effect, Layer } from "effect"
import { ModelCatalogue } from "../../../src/domain/models/ModelCatalog"
import { bareModel } from "../../../src/domain/models/Models/Model"
import * as Catalogue from "../../../src/infra/llm/ModelCatalog"
import { it } from "../../support/it"
import { Provider } from "../../support/Provider"

/** The port over these settings and no others. */
const catalogued = (settings: Readonly<Record<string, string>>) =>
  Effect.provide(
    ModelCatalogue,
    Catalogue.layer.pipe(
      Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(settings))))),
    ),
  )

const listed = (catalogue: typeof ModelCatalogue.Service) =>
  Effect.map(
    Effect.forEach(catalogue.providers, ({ list }) => list),
    (lists) => lists.flat(),
  )

const idsBy = (settings: (url: string) => Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const provider = yield* Provider.make
    const models = yield* listed(yield* catalogued(settings(provider.url)))
    return models.map(({ id }) => id)
  })

describe("The catalogue", () => {
  it.live("reads OpenRouter's fields, and names models as their makers do", () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const catalogue = yield* catalogued({
        OPENROUTER_API_KEY: "sk-or-test",
        OPENROUTER_BASE_URL: provider.url,
      })
      const [scripted, sonnet, free, gpt4, auto] = yield* listed(catalogue)
      expect(sonnet).toEqual({
        id: "anthropic/claude-3-sonnet",
        name: "Claude 3 Sonnet",
        description: "Balance of intelligence and speed",
        contextLength: 200_000,
        pricing: { prompt: "0.000003", completion: "0.000015" },
        topProvider: { maxCompletionTokens: 4096 },
        architecture: { modality: "text", tokenizer: "Claude", instructType: "claude" },
        perRequestLimits: { promptTokens: 100_000, completionTokens: 4096 },
      })
      expect(scripted?.id).toBe("openrouter/scripted")
      expect([free?.id, free?.pricing]).toEqual([
        "anthropic/claude-3-sonnet:free",
        { prompt: "0", completion: "0" },
      ])
      expect(gpt4).toEqual({ ...bareModel("openai/gpt-4"), name: "GPT-4", contextLength: 8192 })
      // What varies is not known.
      expect([auto?.id, auto?.pricing]).toEqual(["openrouter/auto", null])
      expect(provider.listRequests.map(({ authorization }) => authorization)).toEqual(["Bearer sk-or-test"])
      expect(catalogue.idOf("openrouter/anthropic/claude-3-sonnet")).toBe("anthropic/claude-3-sonnet")
      expect(catalogue.idOf("openrouter/auto")).toBe("openrouter/auto")
      expect(catalogue.idOf("nobody")).toBe("openrouter/nobody")
    }),
  )

  it.live("gives every model an id that leads back to its provider, whatever else is configured", () =>
    Effect.gen(function* () {
      const own = (url: string) => ({ OPENAI_BASE_URL: url })
      expect(yield* idsBy(own)).toEqual([
        "openai/scripted",
        "openai/anthropic/claude-3-sonnet",
        "openai/anthropic/claude-3-sonnet:free",
        "openai/openai/gpt-4",
        "openai/openrouter/auto",
        "openai/bytedance-seed/seedream-4.5",
      ])
      const both = (url: string) => ({ ...own(url), LLM_BASE_URL: url, DEFAULT_MODEL: "openai/scripted" })
      expect((yield* idsBy(both)).slice(6)).toEqual([
        "generic/scripted",
        "anthropic/claude-3-sonnet",
        "anthropic/claude-3-sonnet:free",
        "generic/openai/gpt-4",
        "openrouter/auto",
        "bytedance-seed/seedream-4.5",
      ])
    }),
  )

  it.live("takes what little other servers tell", () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const asked = (settings: Readonly<Record<string, string>>, body: unknown) =>
        Effect.gen(function* () {
          yield* provider.listing(() => Response.json(body))
          return yield* listed(yield* catalogued(settings))
        })
      const google = { GEMINI_API_KEY: "k", GEMINI_BASE_URL: provider.url }
      expect(yield* asked(google, { data: [{ id: "models/gemini-flash-latest", object: "model" }] })).toEqual(
        [bareModel("google/gemini-flash-latest")],
      )
      const ollama = { OLLAMA_BASE_URL: provider.url }
      expect(yield* asked(ollama, { data: [{ id: "llama3.2:latest" }, { id: "qwen3:8b" }] })).toEqual([
        bareModel("ollama/llama3.2"),
        bareModel("ollama/qwen3:8b"),
      ])
      const anthropic = { ANTHROPIC_API_KEY: "sk-ant", ANTHROPIC_BASE_URL: provider.url }
      const haiku = { type: "model", id: "claude-haiku-4-5", display_name: "Claude Haiku 4.5" }
      expect(yield* asked(anthropic, { data: [haiku], has_more: false })).toEqual([
        { ...bareModel("anthropic/claude-haiku-4-5"), name: "Claude Haiku 4.5" },
      ])
      const last = provider.listRequests.at(-1)
      expect([last?.["x-api-key"], last?.authorization, last?.search]).toEqual([
        "sk-ant",
        undefined,
        "?limit=1000",
      ])
      const own = { OPENAI_BASE_URL: provider.url }
      const odd = [
        { id: 5 },
        null,
        { id: "x", max_model_len: 4096, pricing: { prompt: 0.5, completion: "1e" } },
      ]
      expect(yield* asked(own, odd)).toEqual([{ ...bareModel("openai/x"), contextLength: 4096 }])
    }),
  )

  it.live("says why a provider's list is not to be had, without its key", () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const failure = (answer: () => Response) =>
        Effect.gen(function* () {
          yield* provider.listing(answer)
          const catalogue = yield* catalogued({ OPENAI_API_KEY: "my-own-key", OPENAI_BASE_URL: provider.url })
          return (yield* Effect.flip(listed(catalogue))).message
        })
      const refused = () => Response.json({ error: { message: "Wrong key my-own-key" } }, { status: 401 })
      expect(yield* failure(refused)).toBe("OpenAI did not list its models: 401 Wrong key [hidden]")
      expect(yield* failure(() => Response.json({ hello: "there" }))).toBe(
        "OpenAI did not list its models: its answer is no list.",
      )
    }),
  )

  it.live("is the demonstration alone, and free, where nothing is configured", () =>
    Effect.gen(function* () {
      const models = yield* listed(yield* catalogued({}))
      expect(models.map(({ id, pricing }) => [id, pricing])).toEqual([
        ["demo", { prompt: "0", completion: "0" }],
      ])
    }),
  )
})
