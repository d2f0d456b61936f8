import { describe, expect, test } from "bun:test"
import { Effect, Either, FastCheck } from "effect"
import type { RemoteProviderId } from "../../../src/domain/models/ProviderAccount"
import { canonicalId, resolve } from "../../../src/infra/llm/ModelRouting"
import { providerDefinitions } from "../../../src/infra/llm/ProviderDefinitions"
import { it } from "../../support/it"

const ids = providerDefinitions.map(({ id }) => id)

/** What providers list, as `provider name`. */
type Lists = ReadonlyArray<string>

const configWith = (configured: ReadonlyArray<RemoteProviderId>, lists: Lists = []) => ({
  isListed: (id: RemoteProviderId, name: string) => lists.includes(`${id} ${name}`),
  configured: configured.map((id) => ({ id, name: id, baseUrl: `http://${id}`, key: undefined })),
  defaultModel: configured[0] === undefined ? "demo" : `${configured[0]}/default`,
})

/** Returns `provider model`, `demo`, or `none` with the id. */
const describeResolution = (configured: ReadonlyArray<RemoteProviderId>, id: string, lists?: Lists) =>
  Either.match(resolve(configWith(configured, lists), id), {
    onLeft: ({ model }) => `none ${model}`,
    onRight: (resolution) =>
      resolution._tag === "Demo" ? "demo" : `${resolution.provider.id} ${resolution.model}`,
  })

const subset = FastCheck.subarray([...ids])
const segment = FastCheck.stringMatching(/^[a-z0-9.:-]{1,12}$/)
const unknownName = segment.filter((text) => !ids.some((id) => id === text) && text !== "demo")
const name = FastCheck.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"))

const prefixedName = FastCheck.tuple(FastCheck.constantFrom(...ids), name).map((parts) => parts.join("/"))
const anyId = FastCheck.oneof(name, prefixedName)

describe("ModelRouting", () => {
  test.each([
    [["openai"], "openai/gpt-4o", "openai gpt-4o"],
    [["openrouter"], "openrouter/anthropic/claude-3-sonnet", "openrouter anthropic/claude-3-sonnet"],
    [["openrouter"], "openrouter/auto", "openrouter openrouter/auto"],
    [["openrouter"], "anthropic/claude-3-sonnet", "openrouter anthropic/claude-3-sonnet"],
    [["anthropic", "openrouter"], "anthropic/claude-3-sonnet", "anthropic claude-3-sonnet"],
    [["generic"], "meta/llama", "generic meta/llama"],
    [["generic", "openrouter"], "meta/llama", "openrouter meta/llama"],
    [["ollama", "openai"], "llama3.2", "ollama llama3.2"],
    [["openai"], "anthropic/claude", "openai anthropic/claude"],
    [["openai"], "Qwen/Qwen3-8B", "openai Qwen/Qwen3-8B"],
    [["openai"], "openai/", "none openai/"],
    [["openai"], "", "none "],
    [[], "gpt-4o", "none gpt-4o"],
    [[], "demo", "demo"],
  ] satisfies ReadonlyArray<[Array<RemoteProviderId>, string, string]>)(
    "resolves with %j configured: %s → %s",
    (configured, id, expected) => {
      expect(describeResolution(configured, id)).toBe(expected)
    },
  )

  test.each([
    [["openai Qwen/Qwen3-8B"], "Qwen/Qwen3-8B", "openai Qwen/Qwen3-8B"],
    [["generic Qwen/Qwen3-8B", "openai Qwen/Qwen3-8B"], "Qwen/Qwen3-8B", "openai Qwen/Qwen3-8B"],
    [["generic Qwen/Qwen3-8B", "openai Qwen/Qwen3-8B"], "generic/Qwen/Qwen3-8B", "generic Qwen/Qwen3-8B"],
    [["generic llama3.2"], "llama3.2", "generic llama3.2"],
    [["openai openai/gpt-4"], "openai/gpt-4", "openai openai/gpt-4"],
    [["openai openai/gpt-4"], "openai/openai/gpt-4", "openai openai/gpt-4"],
    [["openai gpt-4", "generic openai/gpt-4"], "openai/gpt-4", "openai gpt-4"],
    [["generic openai/gpt-4"], "openai/gpt-4", "generic openai/gpt-4"],
  ] satisfies ReadonlyArray<[Lists, string, string]>)(
    "resolves with %j listed by OpenAI and a server of one's own: %s → %s",
    (lists, id, expected) => {
      expect(describeResolution(["openai", "generic"], id, lists)).toBe(expected)
    },
  )

  test("resolves another provider's prefix to none when the only provider is called at its own address", () => {
    const openai = { id: "openai" as const, name: "OpenAI", key: undefined }
    const routing = {
      configured: [{ ...openai, baseUrl: "https://api.openai.com/v1" }],
      defaultModel: "openai/gpt-4o-mini",
      isListed: () => false,
    }
    expect(Either.isLeft(resolve(routing, "anthropic/claude"))).toBe(true)
    expect(Either.isRight(resolve(routing, "ft:gpt-4o/me"))).toBe(true)
  })

  it.prop(
    "resolves a canonical id to the same provider, whatever else is configured",
    [subset, anyId],
    (configured, id) =>
      Effect.sync(() => {
        const resolution = resolve(configWith(configured), id)
        if (Either.isLeft(resolution) || resolution.right._tag === "Demo") return
        const { provider, model } = resolution.right
        expect(describeResolution(ids, canonicalId(provider.id, model))).toBe(`${provider.id} ${model}`)
      }),
  )

  it.prop(
    "resolves a prefixed id to the provider that it names, if configured",
    [subset, FastCheck.constantFrom(...ids), name],
    (configured, id, model) =>
      Effect.sync(() => {
        FastCheck.pre(configured.includes(id) && model.includes("/"))
        expect(describeResolution(configured, `${id}/${model}`)).toBe(`${id} ${model}`)
      }),
  )

  it.prop(
    "resolves an id with an unknown prefix unchanged to an aggregator, or to the default model's provider",
    [subset, unknownName, name],
    (configured, vendor, model) =>
      Effect.sync(() => {
        const id = `${vendor}/${model}`
        const aggregator = (["openrouter", "generic"] as const).find((one) => configured.includes(one))
        expect(describeResolution(configured, id)).toBe(`${aggregator ?? configured[0] ?? "none"} ${id}`)
      }),
  )

  it.prop(
    "resolves an id without a slash to the default model's provider",
    [subset, unknownName],
    (configured, id) =>
      Effect.sync(() => {
        const model = configured[0] === "openrouter" ? `openrouter/${id}` : id
        expect(describeResolution(configured, id)).toBe(
          `${configured[0] ?? "none"} ${configured[0] ? model : id}`,
        )
      }),
  )
})
