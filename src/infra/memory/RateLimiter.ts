import { Clock, Duration, Effect, Layer } from "effect"
import { type Bucket, type Grant, RateLimiter } from "../../domain/operations/RateLimiter"

interface Level {
  tokens: number
  at: number
  readonly window: number
}

/** How many buckets are kept before the full ones among them are thrown away. */
const sweepAt = 10_000

/** Token buckets in memory, for one node. A bucket that is full again is as good as none. */
export const layer = Layer.sync(RateLimiter, () => {
  const levels = new Map<string, Level>()
  let sweepNext = sweepAt

  const sweep = (now: number) => {
    for (const [key, level] of levels) if (now - level.at >= level.window) levels.delete(key)
    sweepNext = Math.max(sweepAt, levels.size * 2)
  }

  const tokensIn = ({ key, capacity, window }: Bucket, now: number): number => {
    const level = levels.get(key)
    if (level === undefined) return capacity
    return Math.min(capacity, level.tokens + ((now - level.at) * capacity) / Duration.toMillis(window))
  }

  const grant = ({ capacity, window }: Bucket, tokens: number, allowed: boolean, now: number): Grant => {
    const perMilli = capacity / Duration.toMillis(window)
    return {
      allowed,
      limit: capacity,
      remaining: Math.floor(tokens),
      fullAt: now + (capacity - tokens) / perMilli,
      retryAfter: allowed ? Duration.zero : Duration.millis((1 - tokens) / perMilli),
    }
  }

  const take = (buckets: ReadonlyArray<Bucket>, now: number): Grant | undefined => {
    if (levels.size >= sweepNext) sweep(now)
    let tightest: Grant | undefined
    for (const bucket of buckets) {
      const tokens = tokensIn(bucket, now)
      if (tokens < 1) return grant(bucket, tokens, false, now)
    }
    for (const bucket of buckets) {
      const tokens = tokensIn(bucket, now) - 1
      levels.set(bucket.key, { tokens, at: now, window: Duration.toMillis(bucket.window) })
      if (tightest === undefined || tokens < tightest.remaining) tightest = grant(bucket, tokens, true, now)
    }
    return tightest
  }

  return { take: (buckets) => Effect.map(Clock.currentTimeMillis, (now) => take(buckets, now)) }
})
