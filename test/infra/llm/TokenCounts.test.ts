import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { done, event, exactly, finish, raw, withHeaders } from "../../support/Provider/Script"
import { readAll, withProvider } from "./providerFixtures"

const most = 2 ** 31 - 1
const believed = [
  [0, 0],
  [12, 34],
  [most, most],
] as const
const wrong = [
  [12.5, 1],
  [1, 12.5],
  [-5, 1],
  [1, -5],
  [most + 1, 1],
  [1, 1e300],
  ["7", 1],
  [1, undefined],
  [null, null],
] as const

const usageFor = ([prompt_tokens, completion_tokens]: (typeof believed)[number] | (typeof wrong)[number]) =>
  Effect.gen(function* () {
    const { provider, stream, complete } = yield* withProvider()
    const usage = { prompt_tokens, completion_tokens }
    const body = { choices: [{ index: 0, message: { content: "x" }, finish_reason: "stop" }], usage }
    const whole = withHeaders(exactly(raw(JSON.stringify(body))), { "content-type": "application/json" })
    yield* provider.script(exactly("x", finish("stop"), event({ choices: [], usage }), done), whole)
    return [(yield* readAll(stream)).finished?.usage, (yield* complete).usage]
  })

describe("a provider's count of tokens", () => {
  for (const tokens of believed) {
    it.live(`is believed when it is ${tokens.join(" and ")}`, () =>
      Effect.gen(function* () {
        const [promptTokens, completionTokens] = tokens
        const usage = { promptTokens, completionTokens }
        expect(yield* usageFor(tokens)).toEqual([usage, usage])
      }),
    )
  }

  for (const tokens of wrong) {
    it.live(`is none when it is ${tokens.join(" and ")}`, () =>
      Effect.gen(function* () {
        expect(yield* usageFor(tokens)).toEqual([undefined, undefined])
      }),
    )
  }

  it.live("is known of an answer without a word, which has its price", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider()
      const usage = { prompt_tokens: 3, completion_tokens: 40 }
      const body = { choices: [{ index: 0, message: { content: "" }, finish_reason: "length" }], usage }
      const whole = withHeaders(exactly(raw(JSON.stringify(body))), { "content-type": "application/json" })
      yield* provider.script(exactly(finish("length"), event({ choices: [], usage }), done), whole)
      const told = {
        _tag: "ModelSaidNothing",
        reason: "length",
        usage: { promptTokens: 3, completionTokens: 40 },
      }
      expect((yield* readAll(stream)).error).toMatchObject(told)
      expect(yield* Effect.flip(complete)).toMatchObject(told)
    }),
  )
})
