import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect, Metric, type MetricPair, Option, Redacted } from "effect"
import { booleanConfig } from "../../domain/shared/ConfigHelpers"
import type { Page } from "../middleware/Router"
import { renderMetrics } from "./Exposition"
import { sampleProcess } from "./Process"

export const metricsConfig = Config.all({
  on: booleanConfig("METRICS", "off"),
  token: Config.option(Config.redacted("METRICS_TOKEN")),
})

/** Compares hashes, so that the time does not depend on where two secrets differ. */
const isSame = (value: string, expected: string): boolean => {
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex")
  return hash(value) === hash(expected)
}

/** Effect's fiber metrics leave out the fibers of requests, and would mislead. */
const isReported = ({ metricKey }: MetricPair.MetricPair.Untyped) =>
  !metricKey.name.startsWith("effect_fiber")

/** `/metrics` for Prometheus: with `METRICS=on`, and to bearers of `METRICS_TOKEN` if that is set. */
export const metricsPages = Effect.map(metricsConfig, ({ on, token }): ReadonlyArray<Page> => {
  const page = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const expected = Option.map(token, (secret) => `Bearer ${Redacted.value(secret)}`)
    if (Option.isSome(expected) && !isSame(request.headers.authorization ?? "", expected.value)) {
      return HttpServerResponse.text("Bearer token required.\n", {
        status: 401,
        headers: { "www-authenticate": "Bearer" },
      })
    }
    yield* sampleProcess
    return HttpServerResponse.text(renderMetrics((yield* Metric.snapshot).filter(isReported)), {
      contentType: "text/plain; version=0.0.4; charset=utf-8",
    })
  })
  return on ? [{ path: "/metrics", app: page }] : []
})
