import { Duration } from "effect"

/**
 * A token bucket: `capacity` requests per window, all of them at once after an idle window.
 * Operations with policies of the same name share a bucket.
 */
export interface RateLimitPolicy {
  readonly name: string
  /** Which requests share a bucket: those of a user (or, before sign-in, an IP address), of an address, or all. */
  readonly per: "caller" | "address" | "server"
  readonly capacity: number
  readonly window: Duration.Duration
  /** The environment variable that overrides `capacity`. */
  readonly variable: string
}

const limit =
  (window: Duration.Duration) =>
  (name: string, per: RateLimitPolicy["per"], capacity: number, variable: string): RateLimitPolicy => ({
    name,
    per,
    capacity,
    window,
    variable,
  })

const perMinute = limit(Duration.minutes(1))
const perHour = limit(Duration.hours(1))

/**
 * Every rate limit, with the document that sets it:
 *
 * | document | text |
 * |---|---|
 * | UniChat | Authentication endpoints: 5 requests per minute. Chat endpoints: 30 requests per minute. Other endpoints: 60 requests per minute. |
 * | PlexiChat | Authentication: 5 requests per minute per IP. API Calls: 1000 requests per hour per user. File Uploads: 10 per minute. WebSocket: 100 messages per minute per user |
 * | RealMultiLLM | LLM Endpoints: 60 requests per minute per user. Global LLM: 600 requests per minute globally. General API: 100 requests per minute per user |
 *
 * An IPv6 address counts as its /64, and its /48 has a limit four times as high.
 * The ChatGuide document sets none: its sign-up and sign-in follow UniChat and PlexiChat, its other
 * operations RealMultiLLM. Unmatched paths and methods count as `general`, by address. Health, metrics and
 * the reference have no limit: a monitor polls often and must not receive 429 from a healthy server.
 */
export const rateLimits = {
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
  /** All of PlexiChat's operations before sign-in together, except refresh. */
  plexiChatAuth: [perMinute("plexichat-auth", "address", 5, "RATE_LIMIT_AUTH_PER_MIN")],
  hourly: [perHour("hourly", "caller", 1000, "RATE_LIMIT_API_PER_HOUR")],
  /** Frames of a WebSocket, over all sockets of a user. */
  socket: [perMinute("socket", "caller", 100, "RATE_LIMIT_SOCKET_PER_MIN")],
  upload: [perMinute("upload", "caller", 10, "RATE_LIMIT_UPLOAD_PER_MIN")],
  none: [],
} satisfies Record<string, ReadonlyArray<RateLimitPolicy>>
