import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/analytics"
const event = {
  provider: "openai",
  model: "gpt-4o",
  promptTokens: 10,
  completionTokens: 150,
  responseTime: 1200,
}

/** Inserts a settled call of the ledger as the server records it, so many milliseconds ago. */
const insertCall = (user: TestUser, model: string, millisecondsAgo = 0) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const at = new Date(Date.now() - millisecondsAgo)
    yield* sql`insert into usage_entries ${sql.insert({
      id: Bun.randomUUIDv7(),
      user_id: user.id,
      model,
      reserved_tokens: 0,
      prompt_tokens: 10,
      completion_tokens: 150,
      created_at: at,
      settled_at: at,
    })}`
    yield* sql`
      insert into usage_days as d (day, user_id, model, requests, prompt_tokens, completion_tokens, milliseconds)
      values (${at.toISOString().slice(0, 10)}::date, ${user.id}, ${model}, 1, 10, 150, 600)
      on conflict (day, user_id, model) do update set requests = d.requests + 1,
        prompt_tokens = d.prompt_tokens + 10, completion_tokens = d.completion_tokens + 150,
        milliseconds = d.milliseconds + 600`
  })

layer(Server.layer())("Analytics of providers", (it) => {
  const report = (user: TestUser, query = "") =>
    Effect.gen(function* () {
      const app = yield* App
      const { status, json } = yield* app.request("GET", `${path}${query}`, { token: user.token })
      expect(status).toBe(200)
      return Object(json)
    })

  const post = (user: TestUser, body: unknown) =>
    Effect.flatMap(App, (app) => app.request("POST", path, { token: user.token, body }))

  it.live("reports nothing of a user without calls", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      expect(yield* report(user)).toEqual({
        totalRequests: 0,
        totalTokens: 0,
        avgResponseTime: 0,
        topProvider: null,
        providerBreakdown: {},
        dailyUsage: [],
      })
    }),
  )

  it.live("counts recorded events by provider and day, under this contract's names", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      for (const body of [
        event,
        { ...event, provider: "claude", model: "claude-haiku-4-5", responseTime: 600 },
        { ...event, provider: "anthropic", model: "claude-haiku-4-5", responseTime: undefined },
        { ...event, provider: "homegrown", totalTokens: 7, success: false },
      ]) {
        const recorded = yield* post(user, body)
        expect([recorded.status, recorded.json]).toEqual([201, { id: expect.any(String), success: true }])
      }
      const today = new Date().toISOString().slice(0, 10)
      expect(yield* report(user)).toEqual({
        totalRequests: 4,
        totalTokens: 487,
        avgResponseTime: 1,
        topProvider: "claude",
        providerBreakdown: {
          openai: { requests: 1, tokens: 160 },
          claude: { requests: 2, tokens: 320 },
          homegrown: { requests: 1, tokens: 7 },
        },
        dailyUsage: [{ date: today, requests: 4, tokens: 487 }],
      })
      expect(yield* report(user, "?provider=claude")).toMatchObject({
        totalRequests: 2,
        topProvider: "claude",
      })
      expect(yield* report(user, `?endDate=${today}`)).toMatchObject({ totalRequests: 4 })
      expect(yield* report(user, "?endDate=2026-01-01")).toMatchObject({ totalRequests: 0 })
    }),
  )

  it.live("counts a call of the server once, though the front end reports it too, even twice at once", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      yield* insertCall(user, "openai/gpt-4o")
      yield* insertCall(user, "openai/gpt-4o")
      expect(yield* report(user)).toMatchObject({ totalRequests: 2, totalTokens: 320, avgResponseTime: 0.6 })
      yield* Effect.all([post(user, event), post(user, event)], { concurrency: 2 })
      expect(yield* report(user)).toMatchObject({ totalRequests: 2, totalTokens: 320, avgResponseTime: 0.6 })
      yield* post(user, event)
      expect(yield* report(user)).toMatchObject({ totalRequests: 3, totalTokens: 480, avgResponseTime: 0.8 })
    }),
  )

  it.live("does not take an older call or another user's call for the reported one", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const other = yield* app.newUser()
      yield* insertCall(user, "openai/gpt-4o", 660_000)
      yield* insertCall(other, "openai/gpt-4o")
      yield* post(user, event)
      expect(yield* report(user)).toMatchObject({ totalRequests: 2 })
      expect(yield* report(other)).toMatchObject({ totalRequests: 1 })
    }),
  )

  it.live("counts and times an answer that the server generated", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      yield* app.sendPrompt(user, yield* app.newChat(user), "Hello")
      const { totalRequests, avgResponseTime, providerBreakdown } = yield* report(user)
      expect([totalRequests, Object.values(providerBreakdown).length]).toEqual([1, 1])
      expect(avgResponseTime).toBeGreaterThan(0)
      expect(avgResponseTime).toBeLessThan(60)
    }),
  )

  it.live("rejects a period that ends before it starts, and figures that are none", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const period = yield* app.request("GET", `${path}?startDate=2026-02-01&endDate=2026-01-01`, {
        token: user.token,
      })
      expect([period.status, period.at("fields.0.field")]).toEqual([400, "startDate"])
      for (const field of ["promptTokens", "completionTokens", "totalTokens", "responseTime"]) {
        for (const value of [-1, 1.5, "1", 2 ** 31]) {
          const rejected = yield* post(user, { ...event, [field]: value })
          expect([field, value, rejected.status, rejected.at("fields.0.field")]).toEqual([
            field,
            value,
            400,
            field,
          ])
        }
      }
      expect(yield* report(user)).toMatchObject({ totalRequests: 0 })
    }),
  )
})
