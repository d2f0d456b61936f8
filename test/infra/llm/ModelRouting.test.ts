import { describe, expect, test } from "bun:test"
import { Effect, Either, FastCheck } from "effect"
import { canonicalId, resolve } from "../../../src/infra/llm/ModelRouting"
import { known, type ProviderId } from "../../../src/infra/llm/ProviderDefinitions"
import { it } from "../../support/it"

const ids = known.map(({ id }) => id)

const providersOf = (configured: ReadonlyArray<ProviderId>) => ({
  configured: configured.map((id) => ({ id, name: id, baseUrl: `http://${id}`, key: undefined })),
  defaultModel: configured[0] === undefined ? "demo" : `${configured[0]}/usual`,
})

/** `provider model`, `demo` or `none`. */
const resolved = (configured: ReadonlyArray<ProviderId>, id: string) =>
  Either.match(resolve(providersOf(configured), id), {
    onLeft: ({ model }) => `none ${model}`,
    onRight: (found) => (found._tag === "Demo" ? "demo" : `${found.provider.id} ${found.model}`),
  })

const subset = FastCheck.subarray([...ids])
const segment = FastCheck.stringMatching(/^[a-z0-9.:-]{1,12}$/)
const stranger = segment.filter((text) => !ids.some((id) => id === text) && text !== "demo")
const name = FastCheck.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"))

const ofProvider = FastCheck.tuple(FastCheck.constantFrom(...ids), name).map((parts) => parts.join("/"))
const anyId = FastCheck.oneof(name, ofProvider)

describe("a model id", () => {
  test.each([
    [["openai"], "openai/gpt-4o", "openai gpt-4o"],
    [["openrouter"], "openrouter/anthropic/claude-3-sonnet", "openrouter anthropic/claude-3-sonnet"],
    [["openrouter"], "openrouter/auto", "openrouter openrouter/auto"],
    [["openrouter"], "anthropic/claude-3-sonnet", "openrouter anthropic/claude-3-sonnet"],
    [["anthropic", "openrouter"], "anthropic/claude-3-sonnet", "anthropic claude-3-sonnet"],
    [["generic"], "meta/llama", "generic meta/llama"],
    [["generic", "openrouter"], "meta/llama", "openrouter meta/llama"],
    [["ollama", "openai"], "llama3.2", "ollama llama3.2"],
    [["openai"], "anthropic/claude", "none anthropic/claude"],
    [["openai"], "openai/", "none openai/"],
    [["openai"], "", "none "],
    [[], "gpt-4o", "none gpt-4o"],
    [[], "demo", "demo"],
  ] satisfies ReadonlyArray<[Array<ProviderId>, string, string]>)(
    "with %j, %s → %s",
    (configured, id, expected) => {
      expect(resolved(configured, id)).toBe(expected)
    },
  )

  it.prop(
    "leads back to the provider that it was found at, whatever else is configured",
    [subset, anyId],
    (configured, id) =>
      Effect.sync(() => {
        const found = resolve(providersOf(configured), id)
        if (Either.isLeft(found) || found.right._tag === "Demo") return
        const { provider, model } = found.right
        expect(resolved(ids, canonicalId(provider.id, model))).toBe(`${provider.id} ${model}`)
      }),
  )

  it.prop(
    "goes to the provider that it names if that is configured",
    [subset, FastCheck.constantFrom(...ids), name],
    (configured, id, model) =>
      Effect.sync(() => {
        FastCheck.pre(configured.includes(id) && model.includes("/"))
        expect(resolved(configured, `${id}/${model}`)).toBe(`${id} ${model}`)
      }),
  )

  it.prop(
    "of a stranger goes whole to an aggregator or to nobody",
    [subset, stranger, name],
    (configured, maker, model) =>
      Effect.sync(() => {
        const id = `${maker}/${model}`
        const aggregator = (["openrouter", "generic"] as const).find((one) => configured.includes(one))
        expect(resolved(configured, id)).toBe(`${aggregator ?? "none"} ${id}`)
      }),
  )

  it.prop("without a slash goes to the default model's provider", [subset, stranger], (configured, id) =>
    Effect.sync(() => {
      const model = configured[0] === "openrouter" ? `openrouter/${id}` : id
      expect(resolved(configured, id)).toBe(`${configured[0] ?? "none"} ${configured[0] ? model : id}`)
    }),
  )
})
