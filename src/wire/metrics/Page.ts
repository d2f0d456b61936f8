import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect, Metric, Option, Redacted } from "effect"
import { onOff } from "../../domain/kernel/Settings"
import type { Page } from "../edge/Dispatch"
import { exposition } from "./Exposition"

const settings = Config.all({
  on: onOff("METRICS", "off"),
  token: Config.option(Config.redacted("METRICS_TOKEN")),
})

const memory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory, in bytes" })
const processor = Metric.gauge("process_cpu_seconds_total", {
  description: "Processor time taken, in seconds",
})
const started = Metric.gauge("process_start_time_seconds", {
  description: "When the process began, seconds since 1970",
})

const measure = Effect.gen(function* () {
  const { user, system } = process.cpuUsage()
  yield* Metric.set(memory, process.memoryUsage.rss())
  yield* Metric.set(processor, (user + system) / 1_000_000)
  yield* Metric.set(started, Math.round(performance.timeOrigin / 1000))
})

/** Same length or not, every byte is looked at. */
const isSame = (given: string, wanted: string): boolean => {
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex")
  return hash(given) === hash(wanted)
}

/** `/metrics` for Prometheus: with `METRICS=on`, and to bearers of `METRICS_TOKEN` if that is set. */
export const metricsPages = Effect.map(settings, ({ on, token }): ReadonlyArray<Page> => {
  const page = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const wanted = Option.map(token, (secret) => `Bearer ${Redacted.value(secret)}`)
    if (Option.isSome(wanted) && !isSame(request.headers.authorization ?? "", wanted.value)) {
      return HttpServerResponse.text("A bearer token is needed here.\n", {
        status: 401,
        headers: { "www-authenticate": "Bearer" },
      })
    }
    yield* measure
    return HttpServerResponse.text(exposition(yield* Metric.snapshot), {
      contentType: "text/plain; version=0.0.4; charset=utf-8",
    })
  })
  return on ? [{ path: "/metrics", app: page }] : []
})
