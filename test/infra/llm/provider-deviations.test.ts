import { describe, expect } from "bun:test"
import { Effect } from "effect"
import type { LanguageModel } from "../../../src/domain/models/LanguageModel"
import { it } from "../../support/it"
import { content } from "./deviations/content"
import { endings } from "./deviations/endings"
import { framing } from "./deviations/framing"
import type { Deviation, Outcome } from "./deviations/Row"
import { reasoning } from "./deviations/reasoning"
import { requests } from "./deviations/requests"
import { usage } from "./deviations/usage"
import { readAll, request, streamAnswer, withoutLogs, withProvider } from "./providerFixtures"

/** Calls the port as a row says, and returns what it makes of the response. */
const outcomeOf = (model: typeof LanguageModel.Service, row: Deviation) =>
  Effect.gen(function* () {
    const modelRequest = row.request ?? request
    if (row.isComplete === true) {
      return yield* Effect.match(withoutLogs(model.complete(modelRequest)), {
        onFailure: ({ _tag }): Outcome => ({ text: "", error: _tag }),
        onSuccess: (completion): Outcome => completion,
      })
    }
    const { text, reasoning, finished, error } = yield* readAll(streamAnswer(model, modelRequest))
    const outcome: Outcome = {
      text,
      reasoning,
      reason: finished?.reason,
      usage: finished?.usage,
      error: error?._tag,
    }
    return outcome
  })

/*
 * Providers that speak the protocol of OpenAI with an accent. A row is what was seen in the field; add one
 * for each new deviation, to the file of its topic.
 */
const topics: Readonly<Record<string, ReadonlyArray<Deviation>>> = {
  "A client of providers that frame events in their own ways": framing,
  "A client of models that refuse what others accept": requests,
  "A client of providers that arrange an answer in their own ways": content,
  "A client of providers that end an answer in their own ways": endings,
  "A client of models that reason": reasoning,
  "A client of providers that count tokens in their own ways": usage,
}

for (const [topic, rows] of Object.entries(topics)) {
  describe(topic, () => {
    for (const row of rows) {
      it.live(`copes with ${row.name}`, () =>
        Effect.gen(function* () {
          const { provider, model } = yield* withProvider({ LLM_MAX_RETRIES: "0", ...row.config })
          yield* provider.script(...[row.sends].flat())
          const outcome = yield* outcomeOf(model, row)
          expect(outcome).toEqual({ text: "", ...row.expected })
          if (row.receives === undefined) return
          const names = new Set(row.receives.flatMap(Object.keys))
          const received = provider.requests.map(({ body }) =>
            Object.fromEntries(Object.entries(body).filter(([name]) => names.has(name))),
          )
          expect(received).toEqual([...row.receives])
        }),
      )
    }
  })
}
