import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect, Metric, type MetricPair, Option, Redacted } from "effect"
import { booleanConfig } from "../../domain/shared/ConfigHelpers"
import type { Page } from "../middleware/Router"
import { exposition } from "./Exposition"
import { measure } from "./Process"

export const metricsConfig = Config.all({
  on: booleanConfig("METRICS", "off"),
  token: Config.option(Config.redacted("METRICS_TOKEN")),
})

/** Same length or not, every byte is looked at. */
const isSame = (given: string, wanted: string): boolean => {
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex")
  return hash(given) === hash(wanted)
}

/** Effect's own counts of fibers leave out those of requests, and stand still. */
const isOurs = ({ metricKey }: MetricPair.MetricPair.Untyped) => !metricKey.name.startsWith("effect_fiber")

/** `/metrics` for Prometheus: with `METRICS=on`, and to bearers of `METRICS_TOKEN` if that is set. */
export const metricsPages = Effect.map(metricsConfig, ({ on, token }): ReadonlyArray<Page> => {
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
    return HttpServerResponse.text(exposition((yield* Metric.snapshot).filter(isOurs)), {
      contentType: "text/plain; version=0.0.4; charset=utf-8",
    })
  })
  return on ? [{ path: "/metrics", app: page }] : []
})
