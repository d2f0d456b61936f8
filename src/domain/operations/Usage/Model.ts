import { Schema } from "effect"

/** How many tokens a user may use in all: a whole number, or -1 for no limit. */
export const TokensLimit = Schema.Int.pipe(
  Schema.between(-1, Number.MAX_SAFE_INTEGER, {
    message: () => "must be a whole number, or -1 for no limit",
  }),
)

/** What a user may use and has used, in tokens. `tokensLimit` -1 means no limit. */
export interface UsageAccount {
  readonly tokensLimit: number
  readonly tokensUsed: number
  readonly messagesSent: number
}

/** What a token costs, and a call beside its tokens if it does, in USD: exact decimals such as `0.000003`. */
export interface CallPrice {
  readonly prompt: string
  readonly completion: string
  readonly request?: string
}

/** Names one model call in the ledger: the id of the run that makes it. */
export interface Call {
  readonly id: string
  readonly model: string
  /** How many messages of the user's it stands for; 1 unless something else is said. */
  readonly messages?: number
  /** Kept for whoever settles the call, if it is known already. */
  readonly price?: CallPrice | null
}

export interface Reservation extends Call {
  /** The most that the call can cost, in tokens. */
  readonly tokens: number
}

/** What a call did cost. */
export interface UsedTokens {
  readonly promptTokens: number
  readonly completionTokens: number
  /** What was paid beside the tokens, as for a picture: an exact decimal, in USD. */
  readonly besideUsd?: string | undefined
}
