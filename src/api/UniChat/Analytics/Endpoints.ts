import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Granularity, PeriodDays } from "../../../domain/operations/Analytics/Model"
import { Authenticated } from "../../../http/Authenticated"
import { Fields } from "../../../http/Fields"
import { IntParam } from "../../../http/Params"
import { body } from "../Body"
import { errors } from "../Errors"

const days = IntParam(PeriodDays, 30, {
  maximum: 3650,
  description: "Length of the period in days (UTC), ending today",
})

const periodDays = { period_days: Schema.Int }
const total = Schema.Int.annotations({ description: "Of all time" })
const recent = Schema.Int.annotations({ description: "In the period" })
const Money = Schema.Number.annotations({ description: "In USD, to 10 decimals" })

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
  model_usage: Schema.Array(
    Schema.Struct({
      _id: Schema.String.annotations({ description: "The model" }),
      count: Schema.Int.annotations({ description: "Requests in the period" }),
      total_tokens: Schema.Int,
    }),
  ),
  ...periodDays,
}).annotations({ identifier: "Analytics" })

const Costs = Schema.Struct({
  by_model: Schema.Array(
    Schema.Struct({
      _id: Schema.String.annotations({ description: "The model" }),
      total_cost: Money,
      total_requests: Schema.Int,
      total_tokens: Schema.Int,
    }),
  ),
  total_cost_usd: Money,
  ...periodDays,
}).annotations({ identifier: "Costs" })

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
  popular_models: Schema.Array(Schema.Struct({ model: Schema.String, count: Schema.Int })),
  ...periodDays,
  granularity: Granularity,
}).annotations({ identifier: "TimeSeries" })

const path = "/api/admin/analytics"

export const endpoints = HttpApiGroup.make("analytics")
  .add(
    HttpApiEndpoint.get("getAnalytics", path)
      .setUrlParams(Fields({ days }))
      .addSuccess(body("Totals of users, conversations, messages and tokens", { analytics: Overview }))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get analytics (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns totals of all time and of the period, and the usage of each model, most used first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getCosts", `${path}/costs`)
      .setUrlParams(Fields({ days }))
      .addSuccess(body("The costs by model", { costs: Costs }))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get costs (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns the costs of each model in the period, by its provider's prices, most expensive first.",
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
        }),
      )
      .addSuccess(body("The time series", { timeseries: TimeSeries }))
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
