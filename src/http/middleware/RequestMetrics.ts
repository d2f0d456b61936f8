import { Metric, MetricBoundaries } from "effect"

const seconds = MetricBoundaries.fromIterable([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
])

const requests = Metric.counter("parley_http_requests_total", {
  description: "Completed requests, by operation and status",
  incremental: true,
})
const durations = Metric.histogram(
  "parley_http_request_duration_seconds",
  seconds,
  "Time until the response headers were ready, by operation",
)

/** Cached by operation and status, so that recording a request allocates nothing. */
const instruments = new Map<string, (elapsed: number) => void>()

const instrumentFor = (operation: string, status: number) => {
  const key = `${operation} ${status}`
  const known = instruments.get(key)
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
  instruments.set(key, meter)
  return meter
}

/** Records a completed request and its duration in milliseconds. */
export const recordRequest = (operation: string, status: number, elapsed: number): void =>
  instrumentFor(operation, status)(elapsed / 1000)
