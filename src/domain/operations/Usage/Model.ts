/** What a user may use and has used, in tokens. `tokensLimit` -1 means no limit. */
export interface UsageAccount {
  readonly tokensLimit: number
  readonly tokensUsed: number
  readonly messagesSent: number
}

/** Names one model call in the ledger: the id of the run that makes it. */
export interface Call {
  readonly id: string
  readonly model: string
}

export interface Reservation extends Call {
  /** The most that the call can cost, in tokens. */
  readonly tokens: number
}

/** What a call did cost. */
export interface UsedTokens {
  readonly promptTokens: number
  readonly completionTokens: number
}
