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
