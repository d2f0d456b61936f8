import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Granularity, PeriodDays } from "../../../domain/operations/Analytics/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, renamed } from "../../../http/Fields"
import { IntParam } from "../../../http/Params"
import { bodyOf } from "../Body"
import { errors } from "../Errors"

const days = IntParam(PeriodDays, 30, {
  maximum: 3650,
  description: "Length of the period in days (UTC), ending today",
})

const periodDays = renamed("period_days", Schema.Int)
const total = Schema.Int.annotations({ description: "The all-time total" })
const recent = Schema.Int.annotations({ description: "The total in the period" })
/** Encodes an exact decimal as a JSON number, rounded to 10 decimals. */
const Money = Schema.transform(Schema.Number, Schema.String, {
  strict: true,
  decode: String,
  encode: (exact) => Number(Number(exact).toFixed(10)),
}).annotations({ description: "In USD, rounded to 10 decimals" })

const Overview = Schema.Struct({
  users: Schema.Struct({
    total: Schema.Int,
    active: Schema.Int.annotations({ description: "Users who used a model in the period" }),
  }),
  conversations: Schema.Struct({
    total: Schema.Int,
    recent: Schema.Int.annotations({ description: "Conversations started in the period" }),
  }),
  messages: Schema.Struct({ total, recent }),
  tokens: Schema.Struct({ total, recent }),
  models: renamed(
    "model_usage",
    Schema.Array(
      Schema.Struct({
        model: renamed("_id", Schema.String.annotations({ description: "The model" })),
        requests: renamed("count", Schema.Int.annotations({ description: "Requests in the period" })),
        tokens: renamed("total_tokens", Schema.Int),
      }),
    ),
  ),
  days: periodDays,
}).annotations({
  identifier: "Analytics",
  ...example({
    users: { total: 4, active: 1 },
    conversations: { total: 12, recent: 3 },
    messages: { total: 315, recent: 45 },
    tokens: { total: 900_000, recent: 90_000 },
    model_usage: [{ _id: "openai/gpt-4o-mini", count: 45, total_tokens: 90_000 }],
    period_days: 3,
  }),
})

const Costs = Schema.Struct({
  models: renamed(
    "by_model",
    Schema.Array(
      Schema.Struct({
        model: renamed("_id", Schema.String.annotations({ description: "The model" })),
        costUsd: renamed("total_cost", Money),
        requests: renamed("total_requests", Schema.Int),
        tokens: renamed("total_tokens", Schema.Int),
      }),
    ),
  ),
  totalUsd: renamed("total_cost_usd", Money),
  days: periodDays,
}).annotations({
  identifier: "Costs",
  ...example({
    by_model: [{ _id: "openai/gpt-4o-mini", total_cost: 0.027, total_requests: 45, total_tokens: 90_000 }],
    total_cost_usd: 0.027,
    period_days: 3,
  }),
})

const Series = Schema.Array(
  Schema.Struct({
    date: Schema.String.annotations({ jsonSchema: { type: "string", format: "date" } }),
    value: Schema.Int,
  }),
)

const TimeSeries = Schema.Struct({
  messages: Series,
  users: Series.annotations({ description: "New users" }),
  conversations: Series.annotations({ description: "New conversations" }),
  tokens: Series,
  popularModels: renamed(
    "popular_models",
    Schema.Array(Schema.Struct({ model: Schema.String, count: Schema.Int })),
  ),
  days: periodDays,
  granularity: Granularity,
}).annotations({
  identifier: "TimeSeries",
  ...example({
    messages: [{ date: "2026-01-15", value: 150 }],
    users: [{ date: "2026-01-15", value: 4 }],
    conversations: [{ date: "2026-01-15", value: 3 }],
    tokens: [{ date: "2026-01-15", value: 450_000 }],
    popular_models: [{ model: "openai/gpt-4o-mini", count: 45 }],
    period_days: 1,
    granularity: "day",
  }),
})

const path = "/api/admin/analytics"

export const endpoints = HttpApiGroup.make("analytics")
  .add(
    HttpApiEndpoint.get("getAnalytics", path)
      .setUrlParams(Fields({ days }).annotations(example({ days: "3" })))
      .addSuccess(bodyOf("Totals of users, conversations, messages and tokens", "analytics", Overview))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get analytics (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns the totals of all time and of the period, and the usage of each model, most used first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getCosts", `${path}/costs`)
      .setUrlParams(Fields({ days }).annotations(example({ days: "3" })))
      .addSuccess(bodyOf("The costs by model", "costs", Costs))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get costs (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns the cost of each model in the period at its provider's prices, highest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getTimeSeries", `${path}/timeseries`)
      .setUrlParams(
        Fields({
          days,
          granularity: Schema.optionalWith(
            Granularity.annotations({
              description: "Bucket size: weeks start on Monday, months on the first",
            }),
            { default: () => "day" },
          ),
        }).annotations(example({ days: "3" })),
      )
      .addSuccess(bodyOf("The time series", "timeseries", TimeSeries))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get time series (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns time series from the first day of the period to today, including empty buckets. The date of a point is the first day of its bucket; only days of the period are counted.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "Usage and costs, for administrators.")
