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

  const take = ({ key, capacity, window }: Bucket, now: number): Grant => {
    if (levels.size >= sweepNext) sweep(now)
    const windowMillis = Duration.toMillis(window)
    const perMilli = capacity / windowMillis
    const level = levels.get(key)
    const tokens =
      level === undefined ? capacity : Math.min(capacity, level.tokens + (now - level.at) * perMilli)
    const allowed = tokens >= 1
    const left = allowed ? tokens - 1 : tokens
    levels.set(key, { tokens: left, at: now, window: windowMillis })
    return {
      allowed,
      limit: capacity,
      remaining: Math.floor(left),
      fullAt: now + (capacity - left) / perMilli,
      retryAfter: allowed ? Duration.zero : Duration.millis((1 - left) / perMilli),
    }
  }

  return { take: (bucket) => Effect.map(Clock.currentTimeMillis, (now) => take(bucket, now)) }
})
