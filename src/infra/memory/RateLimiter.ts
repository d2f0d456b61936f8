import { Clock, Duration, Effect, Layer } from "effect"
import { type Bucket, RateLimiter, type RateLimitResult } from "../../domain/operations/RateLimiter"

interface BucketState {
  tokens: number
  /** Time of the last update of `tokens`, in milliseconds since 1970. */
  updatedAt: number
  readonly windowMs: number
}

/** Number of buckets in memory at which the full ones are removed. */
const CLEANUP_THRESHOLD = 10_000

/** Implements the port with token buckets in memory, for a single node. A full bucket needs no entry. */
export const layer = Layer.sync(RateLimiter, () => {
  const buckets = new Map<string, BucketState>()
  let nextCleanupSize = CLEANUP_THRESHOLD

  const removeFullBuckets = (now: number) => {
    for (const [key, state] of buckets) if (now - state.updatedAt >= state.windowMs) buckets.delete(key)
    nextCleanupSize = Math.max(CLEANUP_THRESHOLD, buckets.size * 2)
  }

  const tokensIn = ({ key, capacity, window }: Bucket, now: number): number => {
    const state = buckets.get(key)
    if (state === undefined) return capacity
    return Math.min(capacity, state.tokens + ((now - state.updatedAt) * capacity) / Duration.toMillis(window))
  }

  const toResult = (
    { capacity, window }: Bucket,
    tokens: number,
    allowed: boolean,
    now: number,
  ): RateLimitResult => {
    const perMilli = capacity / Duration.toMillis(window)
    return {
      allowed,
      limit: capacity,
      remaining: Math.floor(tokens),
      resetAt: now + (capacity - tokens) / perMilli,
      retryAfter: allowed ? Duration.zero : Duration.millis((1 - tokens) / perMilli),
    }
  }

  const consume = (requested: ReadonlyArray<Bucket>, now: number): RateLimitResult | undefined => {
    if (buckets.size >= nextCleanupSize) removeFullBuckets(now)
    let mostRestrictive: RateLimitResult | undefined
    for (const bucket of requested) {
      const tokens = tokensIn(bucket, now)
      if (tokens < 1) return toResult(bucket, tokens, false, now)
    }
    for (const bucket of requested) {
      const tokens = tokensIn(bucket, now) - 1
      buckets.set(bucket.key, { tokens, updatedAt: now, windowMs: Duration.toMillis(bucket.window) })
      if (mostRestrictive === undefined || tokens < mostRestrictive.remaining)
        mostRestrictive = toResult(bucket, tokens, true, now)
    }
    return mostRestrictive
  }

  return { consume: (requested) => Effect.map(Clock.currentTimeMillis, (now) => consume(requested, now)) }
})
