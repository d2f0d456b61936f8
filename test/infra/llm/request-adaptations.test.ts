import { describe, expect, test } from "bun:test"
import { Effect } from "effect"
import { APIError } from "openai"
import { makeAdaptations, makeAdaptiveSender } from "../../../src/infra/llm/RequestAdaptations"
import { it } from "../../support/it"
import { status } from "../../support/ScriptedProvider/Script"
import { request, withProvider } from "./providerFixtures"

const refusal = { error: { message: "Unsupported parameter", param: "max_tokens" } }

describe("What a model has refused", () => {
  it.live("is not sent to it again, but to other models", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      yield* provider.script(status(400, refusal))
      const limited = { ...request, maxOutputTokens: 5 }
      yield* model.complete(limited)
      yield* model.complete(limited)
      yield* model.complete({ ...limited, model: "openai/other" })
      const limits = provider.requests.map(({ body }) => [body.max_tokens, body.max_completion_tokens])
      expect(limits).toEqual([
        [5, undefined],
        [undefined, 5],
        [undefined, 5],
        [5, undefined],
      ])
    }),
  )

  it.live("is sent again after a request that failed without it too", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
      yield* provider.script(status(400, refusal), status(401))
      const limited = { ...request, maxOutputTokens: 5 }
      yield* Effect.flip(model.complete(limited))
      yield* model.complete(limited)
      expect(provider.requests.map(({ body }) => body.max_tokens)).toEqual([5, undefined, 5])
    }),
  )

  test("is forgotten after an hour", async () => {
    let now = 0
    const sent: Array<ReadonlyArray<string>> = []
    const send = makeAdaptiveSender(
      async (params) => {
        sent.push(Object.keys(params).filter((name) => name.startsWith("max")))
        if (params.max_tokens != null) throw APIError.generate(400, refusal, undefined, new Headers())
        return new Response()
      },
      "http://provider",
      makeAdaptations(() => now),
    )
    const params = { model: "m", messages: [], max_tokens: 5 }
    for (const millis of [0, 59, 2]) {
      now += millis * 60_000
      await send(params, new AbortController().signal)
    }
    const [standard, renamed] = [["max_tokens"], ["max_completion_tokens"]]
    expect(sent).toEqual([standard, renamed, renamed, standard, renamed])
  })
})
