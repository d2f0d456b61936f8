import { describe, expect } from "bun:test"
import { Effect, Layer } from "effect"
import { LanguageModel } from "../../../src/domain/models/LanguageModel"
import { ModelCatalog } from "../../../src/domain/models/ModelCatalog"
import { unknownModel } from "../../../src/domain/models/Models/Model"
import * as Llm from "../../../src/infra/llm/LanguageModel"
import * as Catalog from "../../../src/infra/llm/ModelCatalog"
import { it } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { withConfig } from "../../support/withConfig"

/** Builds the port from this configuration and no other. */
const makeCatalog = (config: Readonly<Record<string, string>>) =>
  Effect.provide(ModelCatalog, Catalog.layer.pipe(withConfig(config)))

/** Lists all models under their public ids. */
const listModels = (catalog: typeof ModelCatalog.Service) =>
  Effect.map(
    Effect.forEach(catalog.providers, ({ id: provider, list }) =>
      Effect.map(list, (models) => models.map((model) => ({ provider, model }))),
    ),
    (lists) =>
      lists.flat().map(({ provider, model }) => ({ ...model, id: catalog.publicId(provider, model.id) })),
  )

const listIds = (config: (url: string) => Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const provider = yield* Provider.make
    const models = yield* listModels(yield* makeCatalog(config(provider.url)))
    return models.map(({ id }) => id)
  })

describe("ModelCatalog", () => {
  it.live("decodes OpenRouter's fields and keeps the vendors' model names", () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const catalog = yield* makeCatalog({
        OPENROUTER_API_KEY: "sk-or-test",
        OPENROUTER_BASE_URL: provider.url,
      })
      const [scripted, sonnet, free, gpt4, auto] = yield* listModels(catalog)
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
      expect(gpt4).toEqual({ ...unknownModel("openai/gpt-4"), name: "GPT-4", contextLength: 8192 })
      // A variable price counts as unknown.
      expect([auto?.id, auto?.pricing]).toEqual(["openrouter/auto", null])
      expect(provider.listRequests.map(({ authorization }) => authorization)).toEqual(["Bearer sk-or-test"])
      expect(catalog.canonicalId("openrouter/anthropic/claude-3-sonnet")).toBe("anthropic/claude-3-sonnet")
      expect(catalog.canonicalId("openrouter/auto")).toBe("openrouter/auto")
      expect(catalog.canonicalId("unknown")).toBe("openrouter/unknown")
    }),
  )

  it.live("gives every model an id that resolves to its provider, whatever else is configured", () =>
    Effect.gen(function* () {
      const own = (url: string) => ({ OPENAI_BASE_URL: url })
      expect(yield* listIds(own)).toEqual([
        "openai/scripted",
        "openai/anthropic/claude-3-sonnet",
        "openai/anthropic/claude-3-sonnet:free",
        "openai/openai/gpt-4",
        "openai/openrouter/auto",
        "openai/bytedance-seed/seedream-4.5",
      ])
      const both = (url: string) => ({ ...own(url), LLM_BASE_URL: url, DEFAULT_MODEL: "openai/scripted" })
      // Without the prefix, these ids are OpenAI's, which is the first to list them.
      expect((yield* listIds(both)).slice(6)).toEqual([
        "generic/scripted",
        "generic/anthropic/claude-3-sonnet",
        "generic/anthropic/claude-3-sonnet:free",
        "generic/openai/gpt-4",
        "generic/openrouter/auto",
        "generic/bytedance-seed/seedream-4.5",
      ])
      const generic = (url: string) => ({ LLM_BASE_URL: url, DEFAULT_MODEL: "scripted" })
      expect((yield* listIds(generic)).slice(0, 2)).toEqual(["generic/scripted", "anthropic/claude-3-sonnet"])
    }),
  )

  it.live("lets calls go to the provider that lists a model under this very id", () =>
    Effect.gen(function* () {
      const [gateway, vllm] = [yield* Provider.make, yield* Provider.make]
      yield* gateway.setListResponse(() => Response.json({ data: [{ id: "gpt-4o" }] }))
      yield* vllm.setListResponse(() => Response.json({ data: [{ id: "Qwen/Qwen3-8B" }, { id: "gemma" }] }))
      const { catalog, model } = yield* Effect.provide(
        Effect.all({ catalog: ModelCatalog, model: LanguageModel }),
        Layer.merge(Catalog.layer, Llm.layer).pipe(
          withConfig({ OPENAI_BASE_URL: gateway.url, LLM_BASE_URL: vllm.url }),
        ),
      )
      yield* listModels(catalog)
      const messages = [{ role: "user" as const, content: "Hello" }]
      for (const id of ["Qwen/Qwen3-8B", "gemma", "anthropic/claude-3-sonnet", "gpt-5"]) {
        yield* model.complete({ model: id, messages })
      }
      expect(vllm.requests.map(({ body }) => body.model)).toEqual([
        "Qwen/Qwen3-8B",
        "gemma",
        "anthropic/claude-3-sonnet",
      ])
      expect(gateway.requests.map(({ body }) => body.model)).toEqual(["gpt-5"])
    }),
  )

  it.live("decodes the model lists of other providers", () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const listWith = (config: Readonly<Record<string, string>>, body: unknown) =>
        Effect.gen(function* () {
          yield* provider.setListResponse(() => Response.json(body))
          return yield* listModels(yield* makeCatalog(config))
        })
      const google = { GEMINI_API_KEY: "k", GEMINI_BASE_URL: provider.url }
      expect(
        yield* listWith(google, { data: [{ id: "models/gemini-flash-latest", object: "model" }] }),
      ).toEqual([unknownModel("google/gemini-flash-latest")])
      const ollama = { OLLAMA_BASE_URL: provider.url }
      expect(yield* listWith(ollama, { data: [{ id: "llama3.2:latest" }, { id: "qwen3:8b" }] })).toEqual([
        unknownModel("ollama/llama3.2"),
        unknownModel("ollama/qwen3:8b"),
      ])
      const anthropic = { ANTHROPIC_API_KEY: "sk-ant", ANTHROPIC_BASE_URL: provider.url }
      const haiku = { type: "model", id: "claude-haiku-4-5", display_name: "Claude Haiku 4.5" }
      expect(yield* listWith(anthropic, { data: [haiku], has_more: false })).toEqual([
        { ...unknownModel("anthropic/claude-haiku-4-5"), name: "Claude Haiku 4.5" },
      ])
      const last = provider.listRequests.at(-1)
      expect([last?.["x-api-key"], last?.authorization, last?.search]).toEqual([
        "sk-ant",
        undefined,
        "?limit=1000",
      ])
      const own = { OPENAI_BASE_URL: provider.url }
      const mistyped = [
        { id: 5 },
        null,
        { id: "x", max_model_len: 4096, pricing: { prompt: 0.5, completion: "1e" } },
      ]
      expect(yield* listWith(own, mistyped)).toEqual([{ ...unknownModel("openai/x"), contextLength: 4096 }])
    }),
  )

  it.live("explains why a provider's list is unavailable, with its key redacted", () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const failure = (answer: () => Response) =>
        Effect.gen(function* () {
          yield* provider.setListResponse(answer)
          const catalog = yield* makeCatalog({ OPENAI_API_KEY: "my-own-key", OPENAI_BASE_URL: provider.url })
          return (yield* Effect.flip(listModels(catalog))).message
        })
      const unauthorized = () =>
        Response.json({ error: { message: "Wrong key my-own-key" } }, { status: 401 })
      expect(yield* failure(unauthorized)).toBe("OpenAI did not list its models: 401 Wrong key [hidden]")
      expect(yield* failure(() => Response.json({ hello: "there" }))).toBe(
        "OpenAI did not list its models: the response is not a list of models.",
      )
    }),
  )

  it.live("lists only the free demo model when no provider is configured", () =>
    Effect.gen(function* () {
      const models = yield* listModels(yield* makeCatalog({}))
      expect(models.map(({ id, pricing }) => [id, pricing])).toEqual([
        ["demo", { prompt: "0", completion: "0" }],
      ])
    }),
  )
})
