import type { Reference } from "./Document"

const header = <A>(type: string, description: string, example: A) => ({
  description,
  schema: { type },
  example,
})

/** What is said in headers, whatever the operation. */
export const headers = {
  RequestId: header(
    "string",
    "The name of this request, to quote in a report",
    "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c05",
  ),
  RateLimit: header("integer", "How many requests may be made at once, and in a minute", 100),
  RateLimitRemaining: header("integer", "How many of them are left", 99),
  RateLimitReset: header(
    "integer",
    "When all of them will be there again, in seconds since 1970",
    1_768_469_460,
  ),
  RetryAfter: header("integer", "Seconds to wait before the next try", 12),
}

const refer = (name: keyof typeof headers): Reference => ({ $ref: `#/components/headers/${name}` })

export const onEvery = { "X-Request-Id": refer("RequestId") }

/** On what is counted against a rate limit, while limits are on. */
export const onLimited = {
  "X-RateLimit-Limit": refer("RateLimit"),
  "X-RateLimit-Remaining": refer("RateLimitRemaining"),
  "X-RateLimit-Reset": refer("RateLimitReset"),
}

export const onRefused = { ...onLimited, "Retry-After": refer("RetryAfter") }
