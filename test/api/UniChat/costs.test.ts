import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, status, usage } from "../../support/ScriptedProvider/Script"
import { newConfig, send } from "./chatFixtures"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Costs", (it) => {
  it.live("returns the exact cost of each answer by its provider's prices, and sums costs per day", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const { token } = user
      // Prices are known once the providers' model lists are loaded.
      yield* app.request("GET", "/api/models", { token })
      yield* provider.setResponder(() => answer("It is", " a library.", usage(53, 207)))

      const created = yield* app.request("POST", "/api/conversations", { token, body: { title: "React" } })
      const conversation_id = created.at("conversation.id")
      const costs: Array<unknown> = []
      for (const modelId of [
        "openai/scripted",
        "openai/anthropic/claude-3-sonnet:free",
        "openai/openrouter/auto",
        "scripted",
      ]) {
        const config_id = yield* newConfig(user, { modelId })
        const sent = yield* send(user, { conversation_id, config_id, message: "What is React?" })
        expect(sent.status).toBe(200)
        const { metadata } = Object(sent.json).assistant_message
        expect(metadata).toMatchObject({ model_id: modelId, tokens: { prompt: 53, completion: 207 } })
        costs.push(metadata.cost_usd)
      }
      // 53 * 0.000003 + 207 * 0.000015; zero for the free model, and null where the price varies.
      expect(costs).toEqual([0.003264, 0, null, 0.003264])

      const listed = yield* app.request("GET", `/api/chat/${conversation_id}/messages`, { token })
      const { messages } = Object(listed.json)
      expect(
        messages.map(({ metadata }: { metadata?: { cost_usd: unknown } }) => metadata?.cost_usd),
      ).toEqual(costs.flatMap((cost) => [undefined, cost]))

      const sql = yield* SqlClient.SqlClient
      const days = yield* sql`
        select model, requests, messages, prompt_tokens + completion_tokens as tokens, cost_usd
        from usage_days where user_id = ${user.id} order by model`
      expect(days).toEqual([
        day("openai/anthropic/claude-3-sonnet:free", "0"),
        day("openai/openrouter/auto", "0"),
        day("openai/scripted", "0.003264"),
        day("scripted", "0.003264"),
      ])
      const { token: admin } = yield* app.newAdmin()
      const costReport = yield* app.request("GET", "/api/admin/analytics/costs", { token: admin })
      expect(Object(costReport.json).costs.total_cost_usd).toBe(0.006528)
    }),
  )

  it.live("prices images per image where their tokens are free, and per token where they are not", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const { id, token } = yield* app.newUser()
      yield* app.request("GET", "/api/models", { token })
      const generateImage = (model: string) =>
        app.request("POST", "/api/image-gen/generate", { token, body: { prompt: "A sunset", model } })
      const imageModel = "openai/bytedance-seed/seedream-4.5"
      yield* provider.script(status(429))
      expect((yield* generateImage(imageModel)).status).toBe(500)
      const generated = [
        generateImage(imageModel),
        generateImage(imageModel),
        generateImage("openai/scripted"),
      ]
      for (const { status } of yield* Effect.all(generated, { concurrency: "unbounded" }))
        expect(status).toBe(200)
      const sql = yield* SqlClient.SqlClient
      // 2 * 0.04, nothing for the failed one; 10 * 0.000003 + 30 * 0.000015, without the price of input images.
      expect(
        yield* sql`select model, requests, cost_usd from usage_days where user_id = ${id} order by model`,
      ).toEqual([
        { model: imageModel, requests: 3, cost_usd: "0.08" },
        { model: "openai/scripted", requests: 1, cost_usd: "0.00048" },
      ])
    }),
  )
})

const day = (model: string, cost_usd: string) => ({ model, requests: 1, messages: 1, tokens: 260, cost_usd })
