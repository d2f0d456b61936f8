import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/usage"

layer(Server.layer())("Usage report", (it) => {
  it.live("sums the user's calls in total, by model and by day, and nobody else's", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const user = yield* app.newUser()
      const other = yield* app.newUser()
      for (const [day, model, requests, cost] of [
        ["2026-01-15", "openai/a", 2, "0.1"],
        ["2026-01-15", "openai/b", 5, "0.2"],
        ["2026-01-17", "openai/a", 1, "0"],
      ] as const)
        yield* sql`insert into usage_days ${sql.insert({
          day,
          user_id: user.id,
          model,
          requests,
          messages: 1,
          prompt_tokens: 10 * requests,
          completion_tokens: requests,
          cost_usd: cost,
        })}`
      const figures = (requests: number, messages: number, costUsd: number) => ({
        requests,
        messages,
        promptTokens: 10 * requests,
        completionTokens: requests,
        totalTokens: 11 * requests,
        costUsd,
      })

      const { status, json } = yield* app.request("GET", path, { token: user.token })
      const tokensLimit: number = Object(json).usage.tokensLimit
      expect(tokensLimit).toBeGreaterThan(0)
      expect([status, json]).toEqual([
        200,
        {
          usage: {
            ...figures(8, 3, 0.3),
            tokensLimit,
            tokensRemaining: tokensLimit,
            byModel: [
              { model: "openai/b", ...figures(5, 1, 0.2) },
              { model: "openai/a", ...figures(3, 2, 0.1) },
            ],
            byDay: [
              { date: "2026-01-15", ...figures(7, 2, 0.3) },
              { date: "2026-01-17", ...figures(1, 1, 0) },
            ],
          },
        },
      ])
      const days = (query: string) =>
        Effect.map(app.request("GET", `${path}?${query}`, { token: user.token }), ({ json }) =>
          Object(json).usage.byDay.map(({ date }: { date: string }) => date),
        )
      expect(yield* days("endDate=2026-01-16")).toEqual(["2026-01-15"])
      expect(yield* days("startDate=2026-01-16")).toEqual(["2026-01-17"])
      expect(yield* days("startDate=2026-01-17&endDate=2026-01-17")).toEqual(["2026-01-17"])
      const empty = yield* app.request("GET", path, { token: other.token })
      expect(empty.json).toMatchObject({ usage: { ...figures(0, 0, 0), byModel: [], byDay: [] } })
    }),
  )

  it.live("counts a finished answer, and what is left of the limit", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const chat = yield* app.newChat(user)
      yield* app.request("GET", `/api/chats/${chat}/messages/stream?content=Hello`, { token: user.token })
      const { json } = yield* app.request("GET", path, { token: user.token })
      const { usage } = Object(json)
      expect(usage).toMatchObject({ requests: 1, messages: 1, byDay: [{ requests: 1 }] })
      expect(usage.totalTokens).toBeGreaterThan(0)
      expect(usage.tokensRemaining).toBe(usage.tokensLimit - usage.totalTokens)
    }),
  )

  it.live("rejects a period that ends before it starts, and dates that do not exist", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      for (const query of ["startDate=2026-01-02&endDate=2026-01-01", "startDate=2026-02-31", "endDate=x"]) {
        const { status, json } = yield* app.request("GET", `${path}?${query}`, { token })
        const [field] = query.split("=", 1)
        expect([query, status, json]).toMatchObject([query, 400, { fields: [{ field }] }])
      }
    }),
  )
})
