/**
 * How often something may be asked for: `perMinute` times a minute, and as many at once after a
 * quiet minute. `setting` names what changes the number. Buckets of the same name are shared.
 */
export interface LimitPolicy {
  readonly name: string
  /** Whose requests are counted together: a user's (or, before sign-in, an address's), or all. */
  readonly per: "caller" | "address" | "server"
  readonly perMinute: number
  readonly setting: string
}

const perMinute = (name: string, per: LimitPolicy["per"], count: number, setting: string): LimitPolicy => ({
  name,
  per,
  perMinute: count,
  setting,
})

/**
 * Every rate limit there is, beside the document that sets it:
 *
 * | document | its words |
 * |---|---|
 * | 003 | Authentication endpoints: 5 requests per minute. Chat endpoints: 30 requests per minute. Other endpoints: 60 requests per minute. |
 * | 001 | Authentication: 5 requests per minute per IP |
 * | 004 | LLM Endpoints: 60 requests per minute per user. Global LLM: 600 requests per minute globally. General API: 100 requests per minute per user |
 *
 * 002 sets none: its signing up and in go by 003's and 001's, its other operations by 004's, as the
 * ones most like them. 001's numbers for uploads and websockets are of operations that are not served
 * here. What leads nowhere, or is asked by a method that its address has not, is `general` too, by
 * address. Health, metrics and the reference are counted against nothing: whoever watches over a
 * server asks often, and must not be told 429 of one that is well.
 */
export const limits = {
  signUp: [perMinute("sign-up", "address", 5, "RATE_LIMIT_AUTH_PER_MIN")],
  signIn: [perMinute("sign-in", "address", 5, "RATE_LIMIT_AUTH_PER_MIN")],
  refresh: [perMinute("refresh", "address", 5, "RATE_LIMIT_AUTH_PER_MIN")],
  password: [perMinute("password", "caller", 5, "RATE_LIMIT_AUTH_PER_MIN")],
  chat: [perMinute("chat", "caller", 30, "RATE_LIMIT_CHAT_PER_MIN")],
  other: [perMinute("other", "caller", 60, "RATE_LIMIT_OTHER_PER_MIN")],
  general: [perMinute("general", "caller", 100, "RATE_LIMIT_GENERAL_PER_MIN")],
  llm: [
    perMinute("llm", "caller", 60, "RATE_LIMIT_LLM_PER_USER_PER_MIN"),
    perMinute("llm-global", "server", 600, "RATE_LIMIT_LLM_GLOBAL_PER_MIN"),
  ],
  none: [],
} satisfies Record<string, ReadonlyArray<LimitPolicy>>
