import { Effect } from "effect"
import { Analytics } from "../../../domain/operations/Analytics"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

/** Converts an exact decimal into the nearest JSON number, rounded to 10 decimals. */
const toMoney = (exact: string) => Number(Number(exact).toFixed(10))

export const analytics = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const analytics = yield* Analytics
      return handlers
        .handle("getAnalytics", ({ urlParams: { days } }) =>
          Effect.gen(function* () {
            const { models, ...totals } = yield* analytics.overview(yield* CurrentActor, days)
            const model_usage = models.map(({ model, requests, tokens }) => ({
              _id: model,
              count: requests,
              total_tokens: tokens,
            }))
            return { analytics: { ...totals, model_usage, period_days: days } }
          }),
        )
        .handle("getCosts", ({ urlParams: { days } }) =>
          Effect.gen(function* () {
            const { models, totalUsd } = yield* analytics.costs(yield* CurrentActor, days)
            const by_model = models.map(({ model, costUsd, requests, tokens }) => ({
              _id: model,
              total_cost: toMoney(costUsd),
              total_requests: requests,
              total_tokens: tokens,
            }))
            return { costs: { by_model, total_cost_usd: toMoney(totalUsd), period_days: days } }
          }),
        )
        .handle("getTimeSeries", ({ urlParams: { days, granularity } }) =>
          Effect.gen(function* () {
            const { popularModels, ...series } = yield* analytics.timeSeries(
              yield* CurrentActor,
              days,
              granularity,
            )
            return {
              timeseries: { ...series, popular_models: popularModels, period_days: days, granularity },
            }
          }),
        )
    }),
})
