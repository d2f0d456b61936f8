import { Clock, Duration, Effect, Layer } from "effect"
import { type Bucket, RateLimiter, type RateLimitResult } from "../../domain/operations/RateLimiter"

/** The maximum number of buckets in memory, about 15 MB. An attacker has more addresses than any memory holds. */
const MAX_BUCKETS = 100_000

/** How many buckets are left when those used longest ago are forgotten. */
const RETAINED_BUCKETS = 90_000

/** Absorbs the rounding of sums of times: a part of a token. */
const EPSILON = 1e-4

/**
 * Implements the port in memory, for a single node. A bucket is one number: when it will be full, in
 * milliseconds since the start. A full bucket needs no entry, and the map is ordered by last use.
 */
export const layer = Layer.sync(RateLimiter, () => {
  const fullAt = new Map<string, number>()
  let start: number | undefined

  const shrink = (now: number) => {
    for (const [key, time] of fullAt) if (time <= now) fullAt.delete(key)
    let excess = fullAt.size - RETAINED_BUCKETS
    for (const key of fullAt.keys()) {
      if (excess-- <= 0) break
      fullAt.delete(key)
    }
  }

  const intervalOf = ({ capacity, window }: Bucket) => Duration.toMillis(window) / capacity

  const missingFrom = (bucket: Bucket, now: number) =>
    Math.max(0, (fullAt.get(bucket.key) ?? 0) - now) / intervalOf(bucket)

  const toResult = (bucket: Bucket, missing: number, allowed: boolean, time: number): RateLimitResult => {
    const { capacity } = bucket
    const interval = intervalOf(bucket)
    return {
      allowed,
      limit: capacity,
      remaining: Math.floor(capacity - missing + EPSILON),
      resetAt: time + missing * interval,
      retryAfter: allowed ? Duration.zero : Duration.millis((missing + 1 - capacity) * interval),
    }
  }

  const consume = (requested: ReadonlyArray<Bucket>, time: number): RateLimitResult | undefined => {
    start ??= time
    const now = time - start
    if (fullAt.size >= MAX_BUCKETS) shrink(now)
    let mostRestrictive: RateLimitResult | undefined
    for (const bucket of requested) {
      const missing = missingFrom(bucket, now)
      if (missing + 1 > bucket.capacity + EPSILON) return toResult(bucket, missing, false, time)
    }
    for (const bucket of requested) {
      const missing = missingFrom(bucket, now) + 1
      fullAt.delete(bucket.key)
      fullAt.set(bucket.key, now + missing * intervalOf(bucket))
      const result = toResult(bucket, missing, true, time)
      if (mostRestrictive === undefined || result.remaining < mostRestrictive.remaining)
        mostRestrictive = result
    }
    return mostRestrictive
  }

  return { consume: (requested) => Effect.map(Clock.currentTimeMillis, (time) => consume(requested, time)) }
})
