import { Schema } from "effect"

/** How far back to look: so many days of UTC, today the last of them. */
export const PeriodDays = Schema.Int.pipe(Schema.between(1, 3650))

/** How long a point of a series is: a day, a week from Monday (ISO 8601), a month from its first. */
export const Granularity = Schema.Literal("day", "week", "month")
export type Granularity = typeof Granularity.Type

/** A day of UTC: `YYYY-MM-DD`. */
export type Day = string

/** What one model did in a period. */
export interface ModelUsage {
  readonly model: string
  readonly requests: number
  readonly messages: number
  /** Prompts and answers together. */
  readonly tokens: number
}

export interface ModelCost extends ModelUsage {
  /** An exact decimal, in USD. */
  readonly costUsd: string
}

/** How much there is of everything, and how much of it is of the period. */
export interface Overview {
  readonly users: { readonly total: number; readonly active: number }
  readonly conversations: { readonly total: number; readonly recent: number }
  readonly messages: { readonly total: number; readonly recent: number }
  readonly tokens: { readonly total: number; readonly recent: number }
  /** The most used first. */
  readonly models: ReadonlyArray<ModelUsage>
}

export interface Costs {
  /** The dearest first. */
  readonly models: ReadonlyArray<ModelCost>
  /** An exact decimal, in USD. */
  readonly totalUsd: string
}

/** `date` is the first day of what the value is of, though the period may begin after it. */
export interface Point {
  readonly date: Day
  readonly value: number
}

export interface TimeSeries {
  readonly messages: ReadonlyArray<Point>
  /** Who joined. */
  readonly users: ReadonlyArray<Point>
  /** Those that were begun. */
  readonly conversations: ReadonlyArray<Point>
  readonly tokens: ReadonlyArray<Point>
  readonly popularModels: ReadonlyArray<{ readonly model: string; readonly count: number }>
}
