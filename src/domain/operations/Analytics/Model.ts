import { Schema } from "effect"

/** The length of the reported period in days of UTC, ending today. */
export const PeriodDays = Schema.Int.pipe(Schema.between(1, 3650))

/** The bucket of a time series: a day, a week starting on Monday (ISO 8601), or a calendar month. */
export const Granularity = Schema.Literal("day", "week", "month")
export type Granularity = typeof Granularity.Type

/** A day in UTC: `YYYY-MM-DD`. */
export const Day = Schema.String
export type Day = typeof Day.Type

/** The usage of one model in a period. */
export const ModelUsage = Schema.Struct({
  model: Schema.String,
  requests: Schema.Int,
  messages: Schema.Int,
  /** Prompt and completion tokens in total. */
  tokens: Schema.Int,
})
type ModelUsage = typeof ModelUsage.Type

export const ModelCost = Schema.Struct({
  ...ModelUsage.fields,
  /** An exact decimal, in USD. */
  costUsd: Schema.String,
})
type ModelCost = typeof ModelCost.Type

/** Totals, all-time and within the period. */
export interface Overview {
  readonly users: { readonly total: number; readonly active: number }
  readonly conversations: { readonly total: number; readonly recent: number }
  readonly messages: { readonly total: number; readonly recent: number }
  readonly tokens: { readonly total: number; readonly recent: number }
  /** Most used first. */
  readonly models: ReadonlyArray<ModelUsage>
}

export interface Costs {
  /** Most expensive first. */
  readonly models: ReadonlyArray<ModelCost>
  /** An exact decimal, in USD. */
  readonly totalUsd: string
}

/** One bucket of a time series. `date` is its first day, which may lie before the period. */
export interface Point {
  readonly date: Day
  readonly value: number
}

export interface TimeSeries {
  readonly messages: ReadonlyArray<Point>
  /** New users. */
  readonly users: ReadonlyArray<Point>
  /** New conversations. */
  readonly conversations: ReadonlyArray<Point>
  readonly tokens: ReadonlyArray<Point>
  readonly popularModels: ReadonlyArray<{ readonly model: string; readonly count: number }>
}
