// By themselves: the whole package loads OpenTelemetry's own libraries, which nothing here uses.
import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { FetchHttpClient, HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { Config, ConfigError, Effect, Either, Layer, Option, Redacted } from "effect"
import { httpUrlConfig } from "../../domain/shared/ConfigHelpers"

/** `name=value` pairs between commas, values percent-encoded, as OpenTelemetry writes them. */
const parseHeaders = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(",").flatMap((pair) => {
      if (pair.trim() === "") return []
      const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(pair.trim()) ?? []
      return [[name.trim(), decodeURIComponent(value.trim())]]
    }),
  )

/** They may hold a collector's key, and so are never repeated. */
const headers = Config.redacted("OTEL_EXPORTER_OTLP_HEADERS").pipe(
  Config.mapOrFail((given) =>
    Either.try({
      try: () => Redacted.make(new Headers(parseHeaders(Redacted.value(given))).toJSON()),
      catch: () =>
        ConfigError.InvalidData(
          [],
          "OTEL_EXPORTER_OTLP_HEADERS must be name=value pairs, percent-encoded, between commas",
        ),
    }),
  ),
  Config.withDefault(Redacted.make({})),
)

export const telemetryConfig = Config.all({
  endpoint: Config.option(httpUrlConfig("OTEL_EXPORTER_OTLP_ENDPOINT")),
  serviceName: Config.nonEmptyString("OTEL_SERVICE_NAME").pipe(Config.withDefault("parley")),
  headers,
})

const why = (error: HttpClientError.HttpClientError) =>
  error._tag === "ResponseError" ? `it answers ${error.response.status}` : "it cannot be reached"

/** Says when the collector is lost, once each time. The address may hold a password, and is not told. */
const watched = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, (client) => {
    let lost = false
    return HttpClient.filterStatusOk(client).pipe(
      HttpClient.tap(() => Effect.sync(() => (lost = false))),
      HttpClient.tapError((error) => {
        if (lost) return Effect.void
        lost = true
        return Effect.logWarning(
          `Traces and metrics are lost while OTEL_EXPORTER_OTLP_ENDPOINT takes none: ${why(error)}`,
        )
      }),
    )
  }),
).pipe(Layer.provide(FetchHttpClient.layer))

/**
 * Traces and metrics to the collector at `OTEL_EXPORTER_OTLP_ENDPOINT`, as OTLP over HTTP in JSON.
 * Without that setting there is nothing, and nothing is paid for it.
 */
export const layer = (serviceVersion: string) =>
  Layer.unwrapEffect(
    Effect.map(telemetryConfig, ({ endpoint, serviceName, headers }) => {
      if (Option.isNone(endpoint)) return Layer.empty
      const url = (path: string) =>
        HttpClientRequest.appendUrl(HttpClientRequest.get(endpoint.value), path).url
      const common = {
        resource: { serviceName, serviceVersion },
        headers: Redacted.value(headers),
      }
      return Layer.merge(
        OtlpTracer.layer({ ...common, url: url("/v1/traces") }),
        OtlpMetrics.layer({ ...common, url: url("/v1/metrics") }),
      ).pipe(Layer.provide([OtlpSerialization.layerJson, watched]))
    }),
  )
