import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, TestClock } from "effect"
import { Completions } from "../../../src/domain/chat/Completions"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, stall } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("Completions", (it) => {
  it.effect("abort the call of a stream that nobody reads, and settle it", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const provider = yield* Provider
      const completions = yield* Completions
      yield* provider.script(answer("Some text", stall))
      yield* completions.stream(actor, {
        model: "openai/scripted",
        messages: [{ role: "user", content: "Hi" }],
      })
      const { outcome } = yield* provider.received(0)
      yield* TestClock.adjust("30 seconds")
      expect(yield* outcome).toBe("aborted")
      const sql = yield* SqlClient.SqlClient
      const unsettled = sql`select from usage_entries where user_id = ${actor.userId} and settled_at is null`
      yield* Effect.repeat(unsettled, { until: (rows) => rows.length === 0 })
    }),
  )
})
