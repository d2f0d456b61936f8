import { Schema } from "effect"

/** A call of a model as a front end reports it. */
export interface NewUsageEvent {
  readonly provider: string
  readonly model: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
  /** Null if it was not measured. */
  readonly milliseconds: number | null
  readonly success: boolean
}

/** A user's calls of one model on one day, in UTC: those of the ledger, or those that only a front end reported. */
export const CallsOfDay = Schema.Struct({
  /** `YYYY-MM-DD` */
  day: Schema.String,
  model: Schema.String,
  /** As the front end named it; null for calls of the ledger. */
  provider: Schema.NullOr(Schema.String),
  requests: Schema.Int,
  tokens: Schema.Int,
  /** The duration of all timed calls together. */
  milliseconds: Schema.Int,
  timedRequests: Schema.Int,
})
export type CallsOfDay = typeof CallsOfDay.Type
