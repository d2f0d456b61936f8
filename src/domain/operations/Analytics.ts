import { Clock, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import type { Costs, Granularity, Overview, TimeSeries } from "./Analytics/Model"
import { AnalyticsRepo } from "./Analytics/Repo"
import { type DayCount, firstDay, toSeries } from "./Analytics/Rules"

/** How many models count as popular. */
const popular = 10

const sum = <A>(rows: ReadonlyArray<A>, of: (row: A) => number) =>
  rows.reduce((total, row) => total + of(row), 0)

/**
 * How much is used, by whom and at what cost, over the last so many days of UTC, today the last of
 * them. Administrators only. Everything is added up from sums that are kept as things happen.
 */
export class Analytics extends Effect.Service<Analytics>()("Analytics", {
  dependencies: [AnalyticsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* AnalyticsRepo

    const periodOf = Effect.fnUntraced(function* (actor: Actor, days: number) {
      yield* requireAdmin(actor)
      const now = yield* Clock.currentTimeMillis
      return { now, days, first: firstDay(now, days), last: firstDay(now, 1) }
    })

    const overview = Effect.fn("Analytics.overview")(function* (actor: Actor, days: number) {
      const period = yield* periodOf(actor, days)
      const [totals, models] = yield* Effect.all([repo.totals(period), repo.byModel(period)], {
        concurrency: 2,
      })
      const found: Overview = {
        users: { total: totals.users, active: totals.activeUsers },
        conversations: { total: totals.conversations, recent: totals.recentConversations },
        messages: { total: totals.messages, recent: sum(models, ({ messages }) => messages) },
        tokens: { total: totals.tokens, recent: sum(models, ({ tokens }) => tokens) },
        models,
      }
      return found
    })

    const costs = Effect.fn("Analytics.costs")(function* (actor: Actor, days: number) {
      const { totalUsd, models } = yield* repo.costs(yield* periodOf(actor, days))
      const found: Costs = { totalUsd, models }
      return found
    })

    const timeSeries = Effect.fn("Analytics.timeSeries")(function* (
      actor: Actor,
      days: number,
      granularity: Granularity,
    ) {
      const period = yield* periodOf(actor, days)
      const [usage, joined, begun] = yield* Effect.all(
        [repo.byDayAndModel(period), repo.usersByDay(period), repo.conversationsByDay(period)],
        { concurrency: 3 },
      )
      const series = (counts: ReadonlyArray<DayCount>) => toSeries(counts, period, granularity)
      const models = [...Map.groupBy(usage, ({ model }) => model)].map(([model, rows]) => ({
        model,
        count: sum(rows, ({ requests }) => requests),
      }))
      const found: TimeSeries = {
        messages: series(usage.map(({ day, messages }) => ({ day, count: messages }))),
        users: series(joined),
        conversations: series(begun),
        tokens: series(usage.map(({ day, tokens }) => ({ day, count: tokens }))),
        popularModels: models.toSorted((one, other) => other.count - one.count).slice(0, popular),
      }
      return found
    })

    return { overview, costs, timeSeries }
  }),
}) {}
