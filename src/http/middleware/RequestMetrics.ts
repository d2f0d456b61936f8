import { Effect, FiberRef, LogLevel, Metric, MetricBoundaries } from "effect"

const seconds = MetricBoundaries.fromIterable([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
])

const requests = Metric.counter("parley_http_requests_total", {
  description: "Requests answered, by operation and status",
  incremental: true,
})
const durations = Metric.histogram(
  "parley_http_request_duration_seconds",
  seconds,
  "Time until an answer's headers were ready, by operation",
)

/** One kept for each operation and status seen, so that counting a request builds nothing. */
const meters = new Map<string, (elapsed: number) => void>()

const meterOf = (operation: string, status: number) => {
  const key = `${operation} ${status}`
  const known = meters.get(key)
  if (known !== undefined) return known
  const counter = requests.pipe(
    Metric.tagged("operation", operation),
    Metric.tagged("status", String(status)),
  )
  const histogram = Metric.tagged(durations, "operation", operation)
  const meter = (elapsed: number) => {
    counter.unsafeUpdate(1, [])
    histogram.unsafeUpdate(elapsed, [])
  }
  meters.set(key, meter)
  return meter
}

/** Counts an answered request and how long it took, in milliseconds. */
export const observe = (operation: string, status: number, elapsed: number): void =>
  meterOf(operation, status)(elapsed / 1000)

interface Answered {
  readonly method: string
  /** Without the query, which may hold what people say. */
  readonly path: string
  readonly status: number
  readonly milliseconds: number
  readonly requestId: string
}

/** What writes a line for each answered request, at the level Debug; absent where nobody would see it. */
export const accessLog = Effect.map(FiberRef.get(FiberRef.currentMinimumLogLevel), (least) =>
  LogLevel.lessThanEqual(least, LogLevel.Debug)
    ? (answered: Answered) => Effect.annotateLogs(Effect.logDebug("Answered"), { ...answered })
    : undefined,
)
