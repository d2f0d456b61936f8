import { Schema } from "effect"

/** A user's total token limit: a whole number, or -1 for no limit. */
export const TokensLimit = Schema.Int.pipe(
  Schema.between(-1, Number.MAX_SAFE_INTEGER, {
    message: () => "must be a whole number, or -1 for no limit",
  }),
)

/** A user's token limit and usage. `tokensLimit` -1 means no limit. */
export const UsageAccount = Schema.Struct({
  tokensLimit: Schema.Int,
  tokensUsed: Schema.Int,
  messagesSent: Schema.Int,
})
export type UsageAccount = typeof UsageAccount.Type

/** Sums of a user's settled calls. */
export interface UsageFigures {
  readonly requests: number
  readonly messages: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
  /** An exact decimal, in USD; calls of unknown price cost nothing. */
  readonly costUsd: string
}

/** A user's usage in a period, in total, by model and by day, and what is left of the limit now. */
export interface UsageReport extends UsageFigures {
  readonly tokensLimit: number
  /** -1 without a limit. */
  readonly tokensRemaining: number
  readonly byModel: ReadonlyArray<UsageFigures & { readonly model: string }>
  readonly byDay: ReadonlyArray<UsageFigures & { readonly day: string }>
}

/** Days in UTC, each included; without a bound, all from the first or to the last. */
export interface UsagePeriod {
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/** A user's settled calls of one model on one day, in UTC. */
export const DailyUsage = Schema.Struct({
  /** `YYYY-MM-DD` */
  day: Schema.String,
  model: Schema.String,
  requests: Schema.Int,
  messages: Schema.Int,
  promptTokens: Schema.Int,
  completionTokens: Schema.Int,
  /** An exact decimal, in USD; calls of unknown price cost nothing. */
  costUsd: Schema.String,
})
export type DailyUsage = typeof DailyUsage.Type

/** Prices per prompt token, per completion token and optionally per call, in USD: exact decimals such as `0.000003`. */
export interface Pricing {
  readonly prompt: string
  readonly completion: string
  readonly request?: string
}

/** A reservation for one model call, which is an entry in the ledger. */
export interface Reservation {
  readonly id: string
  readonly model: string
  /** Maximum cost of the call, in tokens. */
  readonly tokens: number
  /** How many of the user's messages it answers; 1 by default. */
  readonly messages?: number
  /** Whether it counts towards the user's limit, as calls do by default. */
  readonly isMetered?: boolean
  /** Stored with the reservation for settlement, if known already. */
  readonly price?: Pricing | null
}

/** The actual usage of a call. */
export interface UsedTokens {
  readonly promptTokens: number
  readonly completionTokens: number
  /** The cost in addition to that of the tokens, as for an image: an exact decimal, in USD. */
  readonly surchargeUsd?: string | undefined
}
