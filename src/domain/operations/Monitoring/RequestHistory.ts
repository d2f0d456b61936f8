/** Requests within a second or a minute. */
interface Bucket {
  /** The first millisecond of it, since 1970. */
  readonly start: number
  requests: number
  errors: number
  /** The sum of all durations, in milliseconds. */
  milliseconds: number
  /** Requests by duration, see `durationIndex`. */
  readonly durations: Uint32Array
}

/** Durations are grouped by steps of 10 %, from 0.1 ms to 5 minutes. */
const STEP = Math.log(1.1)
const SHORTEST = 0.1
const GROUPS = Math.ceil(Math.log(300_000 / SHORTEST) / STEP) + 1

const durationIndex = (milliseconds: number) =>
  Math.min(GROUPS - 1, Math.max(0, Math.ceil(Math.log(milliseconds / SHORTEST) / STEP)))

const durationAt = (index: number) => SHORTEST * Math.exp(index * STEP)

const SECOND = 1000
const MINUTE = 60_000
const resolutions = [
  { size: SECOND, count: 3600 },
  { size: MINUTE, count: 1440 },
]

/** Sums over a part of the history. */
interface HistoryTotals {
  readonly requests: number
  readonly errors: number
  readonly milliseconds: number
  /** Returns the duration that this part of the requests do not exceed, in milliseconds; 0 without requests. */
  readonly percentile: (part: number) => number
}

const totalsOf = (buckets: ReadonlyArray<Bucket>): HistoryTotals => {
  const durations = new Uint32Array(GROUPS)
  let requests = 0
  let errors = 0
  let milliseconds = 0
  for (const bucket of buckets) {
    requests += bucket.requests
    errors += bucket.errors
    milliseconds += bucket.milliseconds
    for (let i = 0; i < GROUPS; i++) durations[i] = (durations[i] ?? 0) + (bucket.durations[i] ?? 0)
  }
  const percentile = (part: number) => {
    let rest = Math.ceil(requests * part)
    if (rest === 0) return 0
    for (let i = 0; i < GROUPS; i++) {
      rest -= durations[i] ?? 0
      if (rest <= 0) return durationAt(i)
    }
    return durationAt(GROUPS - 1)
  }
  return { requests, errors, milliseconds, percentile }
}

/**
 * Counts requests of the last 24 hours: by second for an hour, then by minute. Recording takes constant
 * time, and the memory does not depend on the number of requests: at most 4 MB.
 */
export class RequestHistory {
  private readonly buckets = resolutions.map(() => new Map<number, Bucket>())

  record(now: number, milliseconds: number, isError: boolean): void {
    for (const [i, { size, count }] of resolutions.entries()) {
      const buckets = this.buckets[i]
      const start = now - (now % size)
      let bucket = buckets?.get(start)
      if (bucket === undefined) {
        bucket = { start, requests: 0, errors: 0, milliseconds: 0, durations: new Uint32Array(GROUPS) }
        buckets?.set(start, bucket)
        // In order of insertion, the first keys are the oldest.
        for (const key of buckets?.keys() ?? []) {
          if (key > start - size * count) break
          buckets?.delete(key)
        }
      }
      bucket.requests++
      bucket.milliseconds += milliseconds
      if (isError) bucket.errors++
      const index = durationIndex(milliseconds)
      bucket.durations[index] = (bucket.durations[index] ?? 0) + 1
    }
  }

  /** Returns the sums of the window that ends now, and of its parts that have requests. */
  totals(now: number, windowMs: number, parts: number) {
    const byMinute = windowMs > SECOND * 3600
    const buckets = [...(this.buckets[byMinute ? 1 : 0]?.values() ?? [])].filter(
      ({ start }) => start > now - windowMs && start <= now,
    )
    const size = Math.max(byMinute ? MINUTE : SECOND, windowMs / parts)
    const grouped = Map.groupBy(buckets, ({ start }) => now - Math.floor((now - start) / size) * size)
    return {
      ...totalsOf(buckets),
      parts: [...grouped].map(([end, part]) => ({ end, ...totalsOf(part) })),
    }
  }

  clear(): void {
    for (const buckets of this.buckets) buckets.clear()
  }
}
