import { Schema } from "effect"
import { Day, type Granularity, type Point } from "./Model"

const MILLIS_PER_DAY = 86_400_000

const toDay = (millis: number): Day => new Date(millis).toISOString().slice(0, 10)

/** Returns the first day of a period of `days` days in UTC that ends with the day of `now`. */
export const periodStart = (now: number, days: number): Day => toDay(now - (days - 1) * MILLIS_PER_DAY)

/** Returns the first day of the bucket that contains a day. */
export const bucketOf = (day: Day, granularity: Granularity): Day => {
  if (granularity === "day") return day
  if (granularity === "month") return `${day.slice(0, 7)}-01`
  const at = Date.parse(day)
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7
  return toDay(at - sinceMonday * MILLIS_PER_DAY)
}

/** A count on one day. */
export const DayCount = Schema.Struct({ day: Day, count: Schema.Int })
export type DayCount = typeof DayCount.Type

/** Sums counts by bucket, oldest first, including the empty buckets from the first day to today. */
export const toSeries = (
  counts: ReadonlyArray<DayCount>,
  period: { readonly now: number; readonly days: number },
  granularity: Granularity,
): ReadonlyArray<Point> => {
  const first = Date.parse(periodStart(period.now, period.days))
  const sums = new Map<Day, number>()
  for (let n = 0; n < period.days; n++) sums.set(bucketOf(toDay(first + n * MILLIS_PER_DAY), granularity), 0)
  for (const { day, count } of counts) {
    const bucket = bucketOf(day, granularity)
    const sum = sums.get(bucket)
    if (sum !== undefined) sums.set(bucket, sum + count)
  }
  return [...sums].map(([date, value]) => ({ date, value }))
}
