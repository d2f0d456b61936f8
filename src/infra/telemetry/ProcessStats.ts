import { Effect, Layer, Metric, MetricState } from "effect"
import { ProcessStats } from "../../domain/operations/ProcessStats"
import * as RecentLogs from "./RecentLogs"

/** How long a timer of no delay takes to fire, in milliseconds. */
const eventLoopDelay = Effect.promise(
  () =>
    new Promise<number>((resolve) => {
      const startedAt = performance.now()
      setTimeout(() => resolve(performance.now() - startedAt), 0)
    }),
)

const valuesOf = (name: string, state: MetricState.MetricState.Untyped): ReadonlyArray<[string, number]> => {
  if (MetricState.isCounterState(state)) return [[name, Number(state.count)]]
  if (MetricState.isGaugeState(state)) return [[name, Number(state.value)]]
  if (MetricState.isHistogramState(state) || MetricState.isSummaryState(state))
    return [
      [`${name}_count`, state.count],
      [`${name}_sum`, state.sum],
    ]
  return []
}

const metrics = Effect.map(Metric.snapshot, (pairs) =>
  Object.fromEntries(
    pairs
      .filter(({ metricKey }) => !metricKey.name.startsWith("effect_fiber"))
      .flatMap(({ metricKey: { name, tags }, metricState }) => {
        const labels = tags.map(({ key, value }) => `${key}="${value}"`).join(",")
        return valuesOf(name, metricState).map(([key, value]) => [
          labels === "" ? key : `${key}{${labels}}`,
          value,
        ])
      }),
  ),
)

/** Implements the port with what the runtime knows, and the process's metrics and latest log lines. */
export const layer = Layer.succeed(ProcessStats, {
  usage: Effect.map(eventLoopDelay, (delayMs) => {
    const { rss, heapUsed, heapTotal } = process.memoryUsage()
    return { uptimeMs: process.uptime() * 1000, memory: { rss, heapUsed, heapTotal }, eventLoop: { delayMs } }
  }),
  latestLogs: Effect.sync(RecentLogs.latestLogs),
  metrics,
})
