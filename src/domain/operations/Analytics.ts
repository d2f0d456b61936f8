import { Clock, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import type { Costs, Granularity, Overview, TimeSeries } from "./Analytics/Model"
import { AnalyticsRepo } from "./Analytics/Repo"
import { type DayCount, periodStart, toSeries } from "./Analytics/Rules"

/** Maximum number of models listed as popular. */
const TOP_MODELS = 10

const sum = <A>(rows: ReadonlyArray<A>, of: (row: A) => number) =>
  rows.reduce((total, row) => total + of(row), 0)

/**
 * Reports usage and cost over the last days in UTC, including today. Every method requires an
 * administrator. All figures come from totals that are maintained on write.
 */
export class Analytics extends Effect.Service<Analytics>()("Analytics", {
  dependencies: [AnalyticsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* AnalyticsRepo

    const periodOf = Effect.fnUntraced(function* (actor: Actor, days: number) {
      yield* requireAdmin(actor)
      const now = yield* Clock.currentTimeMillis
      return { now, days, first: periodStart(now, days), last: periodStart(now, 1) }
    })

    const overview = Effect.fn("Analytics.overview")(function* (actor: Actor, days: number) {
      const period = yield* periodOf(actor, days)
      const [totals, models] = yield* Effect.all([repo.totals(period), repo.byModel(period)], {
        concurrency: 2,
      })
      const result: Overview = {
        users: { total: totals.users, active: totals.activeUsers },
        conversations: { total: totals.conversations, recent: totals.recentConversations },
        messages: { total: totals.messages, recent: sum(models, ({ messages }) => messages) },
        tokens: { total: totals.tokens, recent: sum(models, ({ tokens }) => tokens) },
        models,
      }
      return result
    })

    const costs = Effect.fn("Analytics.costs")(function* (actor: Actor, days: number) {
      const { totalUsd, models } = yield* repo.costs(yield* periodOf(actor, days))
      const result: Costs = { totalUsd, models }
      return result
    })

    const timeSeries = Effect.fn("Analytics.timeSeries")(function* (
      actor: Actor,
      days: number,
      granularity: Granularity,
    ) {
      const period = yield* periodOf(actor, days)
      const [usage, registrations, conversations] = yield* Effect.all(
        [repo.byDayAndModel(period), repo.usersByDay(period), repo.conversationsByDay(period)],
        { concurrency: 3 },
      )
      const series = (counts: ReadonlyArray<DayCount>) => toSeries(counts, period, granularity)
      const models = [...Map.groupBy(usage, ({ model }) => model)].map(([model, rows]) => ({
        model,
        count: sum(rows, ({ requests }) => requests),
      }))
      const result: TimeSeries = {
        messages: series(usage.map(({ day, messages }) => ({ day, count: messages }))),
        users: series(registrations),
        conversations: series(conversations),
        tokens: series(usage.map(({ day, tokens }) => ({ day, count: tokens }))),
        popularModels: models.toSorted((one, other) => other.count - one.count).slice(0, TOP_MODELS),
      }
      return result
    })

    return { overview, costs, timeSeries }
  }),
}) {}
