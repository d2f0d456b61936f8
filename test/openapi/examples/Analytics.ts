import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Recorder } from "../Recorder"
import { appoint, join } from "./Named"

/** The sums of two days of use, told before anything else counts. */
export const tellAnalytics = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const sql = yield* SqlClient.SqlClient
  const { token: admin } = yield* appoint("owner@example.com")
  const { id, token: user } = yield* join("Max Mustermann", "max@example.com")
  yield* sql`
    insert into usage_days
      (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd)
    select (now() at time zone 'UTC')::date - ago, ${id}, model, requests, requests, prompt, completion, cost
    from (values
      (0, 'anthropic/claude-3-sonnet', 150, 300000, 150000, 3.15),
      (1, 'anthropic/claude-3-sonnet', 120, 240000, 120000, 2.52),
      (1, 'openai/gpt-4o-mini', 45, 60000, 30000, 0.027)
    ) as used (ago, model, requests, prompt, completion, cost)`
  yield* sql`
    update usage_accounts set messages_sent = 315, tokens_used = 900000 where user_id = ${id}`
  for (const operation of ["UniChat.getAnalytics", "UniChat.getCosts", "UniChat.getTimeSeries"]) {
    yield* ask(operation, "ADMIN_REQUIRED", "Somebody else", { token: user })
    yield* ask(operation, "VALIDATION_ERROR", "A period that is none", {
      token: admin,
      query: { days: "0" },
    })
    yield* secured(operation, "days", "The last three days", { token: admin, query: { days: "3" } })
  }
  yield* sql`delete from users where id = ${id}`
})
