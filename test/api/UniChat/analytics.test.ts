import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/admin/analytics"

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** Returns a daily series (UTC) of the last `days` days with the given values by date, and zero elsewhere. */
const points = (days: number, values: Readonly<Record<string, number>>) =>
  Array.from({ length: days }, (_, n) => dayOf(Date.now() - (days - 1 - n) * 86_400_000)).map((date) => ({
    date,
    value: values[date] ?? 0,
  }))

layer(Server.layer())("Analytics", (it) => {
  it.live("returns totals, costs and time series to administrators as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const { token } = yield* app.newAdmin()
      const { id, ...user } = yield* app.newUser()
      yield* app.newChat({ id, ...user })
      const today = dayOf(Date.now())
      const yesterday = dayOf(Date.now() - 86_400_000)
      yield* sql`
        insert into usage_days
          (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd)
        values (${today}::date, ${id}, 'anthropic/claude-3-sonnet', 2, 2, 700, 300, 0.1),
          (${yesterday}::date, ${id}, 'anthropic/claude-3-sonnet', 1, 1, 50, 50, 0.2),
          (${yesterday}::date, ${id}, 'demo', 5, 5, 5, 5, 0)`
      yield* sql`
        update usage_accounts set messages_sent = 8, tokens_used = 1110 where user_id = ${id}`

      const overview = yield* app.request("GET", path, { token })
      expect([overview.status, overview.json]).toEqual([
        200,
        {
          analytics: {
            users: { total: 2, active: 1 },
            conversations: { total: 1, recent: 1 },
            messages: { total: 8, recent: 8 },
            tokens: { total: 1110, recent: 1110 },
            model_usage: [
              { _id: "demo", count: 5, total_tokens: 10 },
              { _id: "anthropic/claude-3-sonnet", count: 3, total_tokens: 1100 },
            ],
            period_days: 30,
          },
        },
      ])

      const costs = yield* app.request("GET", `${path}/costs?days=7`, { token })
      expect([costs.status, costs.json]).toEqual([
        200,
        {
          costs: {
            by_model: [
              { _id: "anthropic/claude-3-sonnet", total_cost: 0.3, total_requests: 3, total_tokens: 1100 },
              { _id: "demo", total_cost: 0, total_requests: 5, total_tokens: 10 },
            ],
            total_cost_usd: 0.3,
            period_days: 7,
          },
        },
      ])

      const series = yield* app.request("GET", `${path}/timeseries?days=7`, { token })
      expect([series.status, series.json]).toEqual([
        200,
        {
          timeseries: {
            messages: points(7, { [today]: 2, [yesterday]: 6 }),
            users: points(7, { [today]: 2 }),
            conversations: points(7, { [today]: 1 }),
            tokens: points(7, { [today]: 1000, [yesterday]: 110 }),
            popular_models: [
              { model: "demo", count: 5 },
              { model: "anthropic/claude-3-sonnet", count: 3 },
            ],
            period_days: 7,
            granularity: "day",
          },
        },
      ])
      const { json } = yield* app.request("GET", `${path}/timeseries`, { token })
      expect([Object(json).timeseries.period_days, Object(json).timeseries.tokens.length]).toEqual([30, 30])
    }),
  )
})

layer(Server.layer())("Analytics", (it) => {
  it.live("rejects other users and invalid periods", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const { token: admin } = yield* app.newAdmin()
      for (const operation of ["", "/costs", "/timeseries"]) {
        const rejected = yield* app.request("GET", path + operation, { token })
        expect([rejected.status, rejected.at("code")]).toEqual([403, "ADMIN_REQUIRED"])
        for (const days of ["0", "3651", "1.5", "all", "-1"]) {
          const invalid = yield* app.request("GET", `${path}${operation}?days=${days}`, { token: admin })
          expect([invalid.status, invalid.at("fields.0.field")]).toEqual([400, "days"])
        }
      }
      const invalid = yield* app.request("GET", `${path}/timeseries?granularity=hour`, { token: admin })
      expect([invalid.status, invalid.at("fields.0.field")]).toEqual([400, "granularity"])
    }),
  )
})
