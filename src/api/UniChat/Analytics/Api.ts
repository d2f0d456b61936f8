import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Granularity, PeriodDays } from "../../../domain/operations/Analytics/Model"
import { Fields } from "../../../http/Fields"
import { WholeParam } from "../../../http/Params"
import { SignedIn } from "../Authentication"
import { answer } from "../Body"
import * as Errors from "../Errors"

const days = WholeParam(PeriodDays, 30, {
  maximum: 3650,
  description: "How many days of UTC to look back, today the last of them",
})

const periodDays = { period_days: Schema.Int }
const total = Schema.Int.annotations({ description: "All there ever were" })
const recent = Schema.Int.annotations({ description: "Those of the period" })
const Money = Schema.Number.annotations({ description: "In USD, to 10 decimals" })

const Overview = Schema.Struct({
  users: Schema.Struct({
    total: Schema.Int,
    active: Schema.Int.annotations({ description: "Those who used a model in the period" }),
  }),
  conversations: Schema.Struct({
    total: Schema.Int,
    recent: Schema.Int.annotations({ description: "Those begun in the period" }),
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
  users: Series.annotations({ description: "Who joined" }),
  conversations: Series.annotations({ description: "Those begun" }),
  tokens: Series,
  popular_models: Schema.Array(Schema.Struct({ model: Schema.String, count: Schema.Int })),
  ...periodDays,
  granularity: Granularity,
}).annotations({ identifier: "TimeSeries" })

const path = "/api/admin/analytics"

export const analytics = HttpApiGroup.make("analytics")
  .add(
    HttpApiEndpoint.get("getAnalytics", path)
      .setUrlParams(Fields({ days }))
      .addSuccess(answer("How much there is of everything", { analytics: Overview }))
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "Get analytics (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators: how much there is of everything, and how much of it is of the last days. The most used model first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getCosts", `${path}/costs`)
      .setUrlParams(Fields({ days }))
      .addSuccess(answer("What the models cost", { costs: Costs }))
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "Get costs (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators: what models cost in the last days, by their providers' prices. The dearest first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getTimeSeries", `${path}/timeseries`)
      .setUrlParams(
        Fields({
          days,
          granularity: Schema.optionalWith(
            Granularity.annotations({
              description: "How long a point is: weeks begin on Mondays, months on their first",
            }),
            { default: () => "day" },
          ),
        }),
      )
      .addSuccess(answer("The points of each chart", { timeseries: TimeSeries }))
      .addError(Errors.AdminsOnly)
      .annotate(OpenApi.Summary, "Get time series (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators: points for charts, from the first day to today, those with nothing in them too. A point's date is the first day of its bucket; only days of the period are counted.",
      ),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "How much is used, by whom and at what cost. For administrators.")
