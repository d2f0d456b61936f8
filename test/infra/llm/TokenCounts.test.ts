import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { done, event, exactAnswer, finish, raw, withHeaders } from "../../support/ScriptedProvider/Script"
import { readAll, withProvider } from "./providerFixtures"

const maxCount = 2 ** 31 - 1
const validCounts = [
  [0, 0],
  [12, 34],
  [maxCount, maxCount],
] as const
const invalidCounts = [
  [12.5, 1],
  [1, 12.5],
  [-5, 1],
  [1, -5],
  [maxCount + 1, 1],
  [1, 1e300],
  ["7", 1],
  [1, undefined],
  [null, null],
] as const

const usageFor = ([prompt_tokens, completion_tokens]:
  | (typeof validCounts)[number]
  | (typeof invalidCounts)[number]) =>
  Effect.gen(function* () {
    const { provider, stream, complete } = yield* withProvider()
    const usage = { prompt_tokens, completion_tokens }
    const body = { choices: [{ index: 0, message: { content: "x" }, finish_reason: "stop" }], usage }
    const jsonResponse = withHeaders(exactAnswer(raw(JSON.stringify(body))), {
      "content-type": "application/json",
    })
    yield* provider.script(
      exactAnswer("x", finish("stop"), event({ choices: [], usage }), done),
      jsonResponse,
    )
    return [(yield* readAll(stream)).finished?.usage, (yield* complete).usage]
  })

describe("A provider's token count", () => {
  for (const tokens of validCounts) {
    it.live(`accepts ${tokens.join(" and ")}`, () =>
      Effect.gen(function* () {
        const [promptTokens, completionTokens] = tokens
        const usage = { promptTokens, completionTokens }
        expect(yield* usageFor(tokens)).toEqual([usage, usage])
      }),
    )
  }

  for (const tokens of invalidCounts) {
    it.live(`ignores invalid counts: ${tokens.join(" and ")}`, () =>
      Effect.gen(function* () {
        expect(yield* usageFor(tokens)).toEqual([undefined, undefined])
      }),
    )
  }

  it.live("reports the token counts of an empty response, which may have a cost", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider()
      const usage = { prompt_tokens: 3, completion_tokens: 40 }
      const body = { choices: [{ index: 0, message: { content: "" }, finish_reason: "length" }], usage }
      const jsonResponse = withHeaders(exactAnswer(raw(JSON.stringify(body))), {
        "content-type": "application/json",
      })
      yield* provider.script(exactAnswer(finish("length"), event({ choices: [], usage }), done), jsonResponse)
      const expected = {
        _tag: "EmptyResponse",
        reason: "length",
        usage: { promptTokens: 3, completionTokens: 40 },
      }
      expect((yield* readAll(stream)).error).toMatchObject(expected)
      expect(yield* Effect.flip(complete)).toMatchObject(expected)
    }),
  )
})
