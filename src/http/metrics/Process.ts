import { Effect, Layer, Metric, Schedule } from "effect"

const memory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory, in bytes" })
const processor = Metric.counter("process_cpu_seconds_total", {
  description: "Processor time taken, in seconds",
  incremental: true,
})
const started = Metric.gauge("process_start_time_seconds", {
  description: "When the process began, seconds since 1970",
})

/** What the counter has been told so far, in microseconds. */
let told = 0

/** Brings what is known of the process up to date. */
export const measure = Effect.gen(function* () {
  const { user, system } = process.cpuUsage()
  const taken = user + system - told
  told += taken
  yield* Metric.incrementBy(processor, taken / 1_000_000)
  yield* Metric.set(memory, process.memoryUsage.rss())
  yield* Metric.set(started, Math.round(performance.timeOrigin / 1000))
})

/** Does so now and then: a collector is sent what is there, and never asks. */
export const layer = Layer.scopedDiscard(
  Effect.forkScoped(Effect.repeat(measure, Schedule.spaced("5 seconds"))),
)
