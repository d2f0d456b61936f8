import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { newConfig, send } from "../../api/UniChat/chatFixtures"
import type { TestUser } from "../../support/App"
import { Provider } from "../../support/Provider"
import { status } from "../../support/Provider/Script"
import type { Recorder } from "../Recorder"

/** What goes wrong with models and limits, by no fault of who asks. */
export const tellFailures = Effect.fn(function* ({ recordRequest: ask }: Recorder, person: TestUser) {
  const sql = yield* SqlClient.SqlClient
  const provider = yield* Provider
  const { token } = person
  const config = yield* newConfig(person)
  const sent = yield* send(person, { config_id: config, message: "What is React?" })
  const conversation_id = sent.at("conversation_id")
  const prompt = { id: sent.at("user_message.id") }
  const title = Effect.zipRight(
    Effect.sleep("30 millis"),
    sql`select title from conversations where is_titled and id = ${conversation_id}`,
  )
  yield* Effect.repeat(title, { until: (rows) => rows.length === 1 })
  const calls = [
    ["sendMessage", { body: { conversation_id, config_id: config, message: "And Vue?" } }],
    ["editMessage", { path: prompt, body: { content: "What is Vue?", regenerate: true } }],
    ["regenerateMessage", {}],
  ] as const
  for (const [name, request] of calls) {
    const again = yield* send(person, { conversation_id, config_id: config, message: "Anew" })
    const path = { id: again.at("assistant_message.id") }
    yield* provider.script(status(429, undefined, { "retry-after": "60" }))
    const asked = { token, ...(name === "regenerateMessage" ? { path } : request) }
    yield* ask(`UniChat.${name}`, "MODEL_RATE_LIMITED", "The provider has too much to do", asked)
  }
  const last = yield* send(person, { conversation_id, config_id: config, message: "Anew" })
  yield* sql`update usage_accounts set tokens_limit = 1 where user_id = ${person.id}`
  for (const [name, request] of calls) {
    const path = { id: last.at("assistant_message.id") }
    const asked = { token, ...(name === "regenerateMessage" ? { path } : request) }
    yield* ask(`UniChat.${name}`, "TOKEN_LIMIT_REACHED", "The user's limit does not cover it", asked)
  }
})
