import type { Day, Granularity, Point } from "./Model"

const dayLength = 86_400_000

const toDay = (millis: number): Day => new Date(millis).toISOString().slice(0, 10)

/** The first of so many days of UTC of which the last is the one in which `now` is. */
export const firstDay = (now: number, days: number): Day => toDay(now - (days - 1) * dayLength)

/** The first day of the bucket in which a day is. */
export const bucketOf = (day: Day, granularity: Granularity): Day => {
  if (granularity === "day") return day
  if (granularity === "month") return `${day.slice(0, 7)}-01`
  const at = Date.parse(day)
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7
  return toDay(at - sinceMonday * dayLength)
}

/** What was counted on a day. */
export interface DayCount {
  readonly day: Day
  readonly count: number
}

/** The counts summed up by bucket, oldest first; every bucket from the first day to today is there. */
export const toSeries = (
  counts: ReadonlyArray<DayCount>,
  period: { readonly now: number; readonly days: number },
  granularity: Granularity,
): ReadonlyArray<Point> => {
  const first = Date.parse(firstDay(period.now, period.days))
  const sums = new Map<Day, number>()
  for (let n = 0; n < period.days; n++) sums.set(bucketOf(toDay(first + n * dayLength), granularity), 0)
  for (const { day, count } of counts) {
    const bucket = bucketOf(day, granularity)
    const sum = sums.get(bucket)
    if (sum !== undefined) sums.set(bucket, sum + count)
  }
  return [...sums].map(([date, value]) => ({ date, value }))
}
