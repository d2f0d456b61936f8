import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, status, usage } from "../../support/Provider/Script"
import { newConfig, send } from "./chatFixtures"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Costs", (it) => {
  it.live(
    "are told with an answer, exactly, as its model's provider prices it, and add up to the day's",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const person = yield* app.newUser()
        const { token } = person
        // Prices are known once the providers have told them.
        yield* app.request("GET", "/api/models", { token })
        yield* provider.answering(() => answer("It is", " a library.", usage(53, 207)))

        const made = yield* app.request("POST", "/api/conversations", { token, body: { title: "React" } })
        const conversation_id = made.at("conversation.id")
        const costs: Array<unknown> = []
        for (const modelId of [
          "openai/scripted",
          "openai/anthropic/claude-3-sonnet:free",
          "openai/openrouter/auto",
          "scripted",
        ]) {
          const config_id = yield* newConfig(person, { modelId })
          const sent = yield* send(person, { conversation_id, config_id, message: "What is React?" })
          expect(sent.status).toBe(200)
          const { metadata } = Object(sent.json).assistant_message
          expect(metadata).toMatchObject({ model_id: modelId, tokens: { prompt: 53, completion: 207 } })
          costs.push(metadata.cost_usd)
        }
        // 53 * 0.000003 + 207 * 0.000015; nothing for what is free, and unknown where the price varies.
        expect(costs).toEqual([0.003264, 0, null, 0.003264])

        const listed = yield* app.request("GET", `/api/chat/${conversation_id}/messages`, { token })
        const { messages } = Object(listed.json)
        expect(
          messages.map(({ metadata }: { metadata?: { cost_usd: unknown } }) => metadata?.cost_usd),
        ).toEqual(costs.flatMap((cost) => [undefined, cost]))

        const sql = yield* SqlClient.SqlClient
        const days = yield* sql`
        select model, requests, messages, prompt_tokens + completion_tokens as tokens, cost_usd
        from usage_days where user_id = ${person.id} order by model`
        expect(days).toEqual([
          day("openai/anthropic/claude-3-sonnet:free", "0"),
          day("openai/openrouter/auto", "0"),
          day("openai/scripted", "0.003264"),
          day("scripted", "0.003264"),
        ])
        const { token: admin } = yield* app.newAdmin()
        const told = yield* app.request("GET", "/api/admin/analytics/costs", { token: admin })
        expect(Object(told.json).costs.total_cost_usd).toBe(0.006528)
      }),
  )

  it.live("of pictures go by the picture where their tokens are free, and by tokens where they are not", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const { id, token } = yield* app.newUser()
      yield* app.request("GET", "/api/models", { token })
      const draw = (model: string) =>
        app.request("POST", "/api/image-gen/generate", { token, body: { prompt: "A sunset", model } })
      const drawing = "openai/bytedance-seed/seedream-4.5"
      yield* provider.script(status(429))
      expect((yield* draw(drawing)).status).toBe(500)
      const drawn = [draw(drawing), draw(drawing), draw("openai/scripted")]
      for (const { status } of yield* Effect.all(drawn, { concurrency: "unbounded" }))
        expect(status).toBe(200)
      const sql = yield* SqlClient.SqlClient
      // Twice 0.04, the failed one nothing; 10 * 0.000003 + 30 * 0.000015, though an image sent has a price too.
      expect(
        yield* sql`select model, requests, cost_usd from usage_days where user_id = ${id} order by model`,
      ).toEqual([
        { model: drawing, requests: 3, cost_usd: "0.08" },
        { model: "openai/scripted", requests: 1, cost_usd: "0.00048" },
      ])
    }),
  )
})

const day = (model: string, cost_usd: string) => ({ model, requests: 1, messages: 1, tokens: 260, cost_usd })
