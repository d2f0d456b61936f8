import { Context, type Duration, type Effect } from "effect"

/** A bucket of `capacity` tokens that fills up again, evenly, within `window`. */
export interface Bucket {
  readonly key: string
  readonly capacity: number
  readonly window: Duration.Duration
}

/** What came of asking a bucket for a token. */
export interface Grant {
  readonly allowed: boolean
  readonly limit: number
  /** Tokens left. */
  readonly remaining: number
  /** When the bucket is full again, in milliseconds since 1970. */
  readonly fullAt: number
  /** How long until there is a token; zero when this one was granted. */
  readonly retryAfter: Duration.Duration
}

/** Counts how often things are done, for everyone who serves them together. */
export class RateLimiter extends Context.Tag("RateLimiter")<
  RateLimiter,
  {
    /**
     * Takes a token from each bucket, or from none when one of them is empty. Tells of the empty
     * one, or else of the one that has least left; undefined when there are no buckets.
     */
    readonly take: (buckets: ReadonlyArray<Bucket>) => Effect.Effect<Grant | undefined>
  }
>() {}
