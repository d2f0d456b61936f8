/** Calls and their tokens, prompt and completion together. */
export interface CallCounts {
  readonly requests: number
  readonly tokens: number
}

/** What a user's calls amount to in a period. */
export interface ProviderAnalyticsReport {
  readonly totalRequests: number
  readonly totalTokens: number
  /** In seconds; 0 without calls. */
  readonly avgResponseTime: number
  /** The provider with the most calls; null without calls. */
  readonly topProvider: string | null
  readonly byProvider: ReadonlyMap<string, CallCounts>
  /** Ascending; days without calls are left out. */
  readonly byDay: ReadonlyMap<string, CallCounts>
}
