import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, FastCheck as fc, TestClock } from "effect"
import { Analytics } from "../../../src/domain/operations/Analytics"
import { bucketOf, periodStart, toSeries } from "../../../src/domain/operations/Analytics/Rules"
import { Usage } from "../../../src/domain/operations/Usage"
import type { Actor } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer, it as standaloneIt } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

/** A Saturday, an hour before its end. */
const now = Date.UTC(2026, 0, 3, 23)
const MILLIS_PER_DAY = 86_400_000

interface DayOfUse {
  readonly actor: Actor
  /** Age of the usage, in days. */
  readonly daysAgo: number
  readonly model: string
  readonly requests: number
  readonly cost: string
}

const insertUsage = Effect.fn(function* ({ actor, daysAgo: ago, model, requests, cost }: DayOfUse) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    insert into usage_days
      (day, user_id, model, requests, messages, prompt_tokens, completion_tokens, cost_usd)
    values (${new Date(now - ago * MILLIS_PER_DAY).toISOString().slice(0, 10)}::date, ${actor.userId}, ${model},
      ${requests}, ${requests * 2}, ${requests * 10}, ${requests * 5}, ${cost}::numeric)`
})

const insertConversation = Effect.fn(function* (actor: Actor, at: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`insert into conversations (id, user_id, title, created_at)
    values (${yield* (yield* IdGenerator).generate}::uuid, ${actor.userId}, 'Talk', ${new Date(at)})`
})

layer(TestLayer.layer())("Analytics", (it) => {
  it.effect("reports usage, costs and time series of the last days in UTC, including today", () =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      const sql = yield* SqlClient.SqlClient
      yield* TestClock.setTime(now - 40 * MILLIS_PER_DAY)
      const admin = yield* TestLayer.newActor("admin")
      const early = yield* TestLayer.newActor()
      yield* TestClock.setTime(now - 6 * MILLIS_PER_DAY)
      const late = yield* TestLayer.newActor()
      yield* TestClock.setTime(now)
      yield* insertUsage({ actor: early, daysAgo: 31, model: "old", requests: 100, cost: "100" })
      yield* insertUsage({ actor: early, daysAgo: 6, model: "a", requests: 3, cost: "0.1" })
      yield* insertUsage({ actor: late, daysAgo: 6, model: "a", requests: 4, cost: "0.2" })
      yield* insertUsage({ actor: late, daysAgo: 0, model: "b/c", requests: 1, cost: "1.00000000005" })
      // The first and last moments of the first day of seven, the moment before, and now.
      const first = Date.UTC(2025, 11, 28)
      yield* Effect.forEach([first - 1, first, first + MILLIS_PER_DAY - 1, now], (at) =>
        insertConversation(early, at),
      )

      const overview = yield* analytics.overview(admin, 7)
      expect(overview).toMatchObject({
        users: { total: 3, active: 2 },
        conversations: { total: 4, recent: 3 },
        messages: { recent: 16 },
        tokens: { recent: 120 },
        models: [
          { model: "a", requests: 7, messages: 14, tokens: 105 },
          { model: "b/c", requests: 1, messages: 2, tokens: 15 },
        ],
      })
      expect((yield* analytics.overview(admin, 6)).users.active).toBe(1)

      expect(yield* analytics.costs(admin, 7)).toMatchObject({
        models: [
          { model: "b/c", costUsd: "1.00000000005", requests: 1, tokens: 15 },
          { model: "a", costUsd: "0.3", requests: 7, tokens: 105 },
        ],
        totalUsd: "1.30000000005",
      })
      expect((yield* analytics.costs(admin, 365)).totalUsd).toBe("101.30000000005")

      const weekly = yield* analytics.timeSeries(admin, 7, "week")
      expect(weekly).toEqual({
        messages: [
          { date: "2025-12-22", value: 14 },
          { date: "2025-12-29", value: 2 },
        ],
        users: [
          { date: "2025-12-22", value: 1 },
          { date: "2025-12-29", value: 0 },
        ],
        conversations: [
          { date: "2025-12-22", value: 2 },
          { date: "2025-12-29", value: 1 },
        ],
        tokens: [
          { date: "2025-12-22", value: 105 },
          { date: "2025-12-29", value: 15 },
        ],
        popularModels: [
          { model: "a", count: 7 },
          { model: "b/c", count: 1 },
        ],
      })
      const daily = yield* analytics.timeSeries(admin, 7, "day")
      expect(daily.tokens.map(({ value }) => value)).toEqual([105, 0, 0, 0, 0, 0, 15])
      const monthly = yield* analytics.timeSeries(admin, 3650, "month")
      expect(monthly.tokens.length).toBe(121)
      expect(monthly.tokens.slice(-2)).toEqual([
        { date: "2025-12-01", value: 1605 },
        { date: "2026-01-01", value: 15 },
      ])
      yield* sql`update usage_days set requests = requests + 1, cost_usd = cost_usd + 0.05
        where user_id = ${late.userId} and model = 'a'`
      yield* sql`delete from users where id = ${early.userId}`
      expect(yield* analytics.costs(admin, 365)).toEqual({
        models: [
          { model: "b/c", costUsd: "1.00000000005", requests: 1, messages: 2, tokens: 15 },
          { model: "a", costUsd: "0.25", requests: 5, messages: 8, tokens: 60 },
        ],
        totalUsd: "1.25000000005",
      })
      expect(yield* analytics.overview(admin, 365)).toMatchObject({
        users: { total: 2, active: 1 },
        conversations: { total: 0, recent: 0 },
      })
      expect((yield* analytics.timeSeries(admin, 365, "day")).popularModels).toEqual([
        { model: "a", count: 5 },
        { model: "b/c", count: 1 },
      ])
    }),
  )
})

layer(TestLayer.layer())("Analytics", (it) => {
  it.live("agrees exactly with the ledger after concurrent settlements", () =>
    Effect.gen(function* () {
      const [analytics, usage, ids, sql] = yield* Effect.all([
        Analytics,
        Usage,
        IdGenerator,
        SqlClient.SqlClient,
      ])
      const admin = yield* TestLayer.newActor("admin")
      const actors = yield* Effect.replicateEffect(TestLayer.newActor(), 4)
      const price = { prompt: "0.00000015", completion: "0.0000006" }
      const call = Effect.fnUntraced(function* (actor: Actor, n: number) {
        const id = yield* ids.generate
        yield* usage.reserve(actor, { id, model: `m${n % 2}`, tokens: 100, price })
        const used = { promptTokens: n * 7, completionTokens: n }
        yield* Effect.all([usage.settle(id, used, null), usage.settle(id, used, null)], { concurrency: 2 })
      })
      yield* Effect.forEach(
        actors.flatMap((actor) => Array.from({ length: 10 }, (_, n) => call(actor, n))),
        (one) => one,
        { concurrency: "unbounded" },
      )
      const [ledger] = yield* sql<{ cost: string; tokens: number; requests: number }>`
        select trim_scale(sum(cost_usd))::text as cost, count(*)::int as requests,
          sum(prompt_tokens + completion_tokens)::int as tokens
        from usage_entries where model in ('m0', 'm1')`
      const { models } = yield* analytics.costs(admin, 2)
      const own = models.filter(({ model }) => model === "m0" || model === "m1")
      const sum = (of: (one: (typeof own)[number]) => number) => own.reduce((all, one) => all + of(one), 0)
      expect(sum(({ requests }) => requests)).toBe(40)
      expect(sum(({ messages }) => messages)).toBe(40)
      expect([ledger?.requests, ledger?.tokens]).toEqual([40, sum(({ tokens }) => tokens)])
      const exact = (usd: string) => BigInt(Math.round(Number(usd) * 1e8))
      expect(own.reduce((all, { costUsd }) => all + exact(costUsd), 0n)).toBe(exact(ledger?.cost ?? ""))
      expect(ledger?.cost).toBe("0.000297")
      expect((yield* analytics.overview(admin, 2)).users.active).toBe(4)
    }),
  )

  it.effect("reports zero for every day without usage", () =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      yield* TestClock.setTime(Date.UTC(2016, 1, 29, 12))
      const admin = yield* TestLayer.newActor("admin")
      expect(yield* analytics.costs(admin, 30)).toEqual({ models: [], totalUsd: "0" })
      const { tokens, popularModels } = yield* analytics.timeSeries(admin, 2, "day")
      expect([tokens, popularModels]).toEqual([
        [
          { date: "2016-02-28", value: 0 },
          { date: "2016-02-29", value: 0 },
        ],
        [],
      ])
    }),
  )
})

const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) })
const counts = fc.array(fc.tuple(fc.nat(500), fc.nat(1000)), { maxLength: 50 })
const granularity = fc.constantFrom("day" as const, "week" as const, "month" as const)

standaloneIt.prop(
  "toSeries returns every bucket of the period once, in order, with the sum of its counts",
  [moment, fc.integer({ min: 1, max: 500 }), counts, granularity],
  (at, length, ago, by) =>
    Effect.sync(() => {
      const day = (n: number) => new Date(at - n * MILLIS_PER_DAY).toISOString().slice(0, 10)
      const counted = ago.map(([n, count]) => ({ day: day(n), count, within: n < length }))
      const points = toSeries(
        counted.filter(({ within }) => within),
        { now: at, days: length },
        by,
      )
      const expected = Array.from({ length }, (_, n) => bucketOf(day(length - 1 - n), by))
      expect(points.map(({ date }) => date)).toEqual([...new Set(expected)])
      expect(periodStart(at, length)).toBe(day(length - 1))
      for (const { date, value } of points) {
        const own = counted.filter((one) => one.within && bucketOf(one.day, by) === date)
        expect(value).toBe(own.reduce((sum, { count }) => sum + count, 0))
      }
    }),
)

standaloneIt.live("bucketOf starts weeks on Monday and months on the first", () =>
  Effect.sync(() => {
    const weeks = ["2026-01-01", "2025-12-29", "2025-12-28", "2024-03-03", "2024-03-04"]
    expect(weeks.map((day) => bucketOf(day, "week"))).toEqual([
      "2025-12-29",
      "2025-12-29",
      "2025-12-22",
      "2024-02-26",
      "2024-03-04",
    ])
    expect(bucketOf("2024-02-29", "month")).toBe("2024-02-01")
  }),
)
