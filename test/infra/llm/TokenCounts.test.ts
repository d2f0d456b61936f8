import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { done, event, exactAnswer, finish, raw, withHeaders } from "../../support/ScriptedProvider/Script"
import { readAll, withProvider } from "./providerFixtures"

describe("A provider's token count", () => {
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
