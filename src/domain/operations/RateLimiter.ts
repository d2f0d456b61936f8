import { Context, type Duration, type Effect } from "effect"

/** A bucket of `capacity` tokens that refills evenly within `window`. */
export interface Bucket {
  readonly key: string
  readonly capacity: number
  readonly window: Duration.Duration
}

/** The result of consuming a token from a bucket. */
export interface RateLimitResult {
  readonly allowed: boolean
  readonly limit: number
  /** Remaining tokens. */
  readonly remaining: number
  /** When the bucket will be full, in milliseconds since 1970. */
  readonly resetAt: number
  /** How long until a token is available; zero if this one was allowed. */
  readonly retryAfter: Duration.Duration
}

/** Limits rates with token buckets, shared by all nodes that serve the same database. */
export class RateLimiter extends Context.Tag("RateLimiter")<
  RateLimiter,
  {
    /**
     * Consumes a token from each bucket, or from none if one of them is empty. Returns the result for
     * the empty bucket, else for the one with the fewest tokens left; undefined without buckets.
     */
    readonly consume: (buckets: ReadonlyArray<Bucket>) => Effect.Effect<RateLimitResult | undefined>
  }
>() {}
