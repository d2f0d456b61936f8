import { Effect, Layer, Metric, Schedule } from "effect"

const memory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory, in bytes" })
const cpu = Metric.counter("process_cpu_seconds_total", {
  description: "CPU time, in seconds",
  incremental: true,
})
const started = Metric.gauge("process_start_time_seconds", {
  description: "Start time of the process, in seconds since the Unix epoch",
})

/** CPU time already reported, in microseconds. */
let reportedCpu = 0

/** Updates the metrics of the process. */
export const sampleProcess = Effect.gen(function* () {
  const { user, system } = process.cpuUsage()
  const delta = user + system - reportedCpu
  reportedCpu += delta
  yield* Metric.incrementBy(cpu, delta / 1_000_000)
  yield* Metric.set(memory, process.memoryUsage.rss())
  yield* Metric.set(started, Math.round(performance.timeOrigin / 1000))
})

/** Updates them periodically, for exporters that push metrics. */
export const layer = Layer.scopedDiscard(
  Effect.forkScoped(Effect.repeat(sampleProcess, Schedule.spaced("5 seconds"))),
)
