import { exampleRequestId } from "../http/ErrorBody"
import type { Reference } from "./Document"

const header = <A>(type: string, description: string, example: A) => ({
  description,
  schema: { type },
  example,
})

/** The response headers that all operations share, as components. */
export const headers = {
  RequestId: header("string", "The id of this request, to quote in a report", exampleRequestId),
  RateLimit: header("integer", "Requests allowed per minute, and at once", 100),
  RateLimitRemaining: header("integer", "Requests left", 99),
  RateLimitReset: header(
    "integer",
    "When the limit is fully reset, in seconds since the Unix epoch",
    1_768_469_460,
  ),
  RetryAfter: header("integer", "Seconds to wait before the next attempt", 12),
}

const ref = (name: keyof typeof headers): Reference => ({ $ref: `#/components/headers/${name}` })

export const onEvery = { "X-Request-Id": ref("RequestId") }

/** For responses to rate-limited requests; absent with `RATE_LIMITS=off`. */
export const onLimited = {
  "X-RateLimit-Limit": ref("RateLimit"),
  "X-RateLimit-Remaining": ref("RateLimitRemaining"),
  "X-RateLimit-Reset": ref("RateLimitReset"),
}

export const onRejected = { ...onLimited, "Retry-After": ref("RetryAfter") }
