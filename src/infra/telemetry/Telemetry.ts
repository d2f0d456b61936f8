// Imported by module: the package's index loads OpenTelemetry's own libraries, which are not used here.
import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import { FetchHttpClient, HttpClient, type HttpClientError, HttpClientRequest } from "@effect/platform"
import { Config, ConfigError, Effect, Either, Layer, Option, Redacted } from "effect"
import { httpUrlConfig } from "../../domain/shared/ConfigHelpers"

/** Parses OpenTelemetry's header list: comma-separated `name=value` pairs with percent-encoded values. */
const parseHeaders = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(",").flatMap((pair) => {
      if (pair.trim() === "") return []
      const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(pair.trim()) ?? []
      return [[name.trim(), decodeURIComponent(value.trim())]]
    }),
  )

/**
 * Headers sent to the collector; redacted, and never repeated in errors, because they may contain its key.
 */
const headers = Config.redacted("OTEL_EXPORTER_OTLP_HEADERS").pipe(
  Config.mapOrFail((raw) =>
    Either.try({
      try: () => Redacted.make(new Headers(parseHeaders(Redacted.value(raw))).toJSON()),
      catch: () =>
        ConfigError.InvalidData(
          [],
          "OTEL_EXPORTER_OTLP_HEADERS must be comma-separated name=value pairs with percent-encoded values",
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

const describeError = (error: HttpClientError.HttpClientError) =>
  error._tag === "ResponseError" ? `HTTP ${error.response.status}` : "unreachable"

/**
 * HTTP client that logs once when exports start to fail. The endpoint is not logged: it may contain a
 * password.
 */
const loggingClient = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, (client) => {
    let failing = false
    return HttpClient.filterStatusOk(client).pipe(
      HttpClient.tap(() => Effect.sync(() => (failing = false))),
      HttpClient.tapError((error) => {
        if (failing) return Effect.void
        failing = true
        return Effect.annotateLogs(
          Effect.logWarning("telemetry export failed; traces and metrics are dropped"),
          {
            variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
            reason: describeError(error),
          },
        )
      }),
    )
  }),
).pipe(Layer.provide(FetchHttpClient.layer))

/**
 * Exports traces and metrics to the collector at `OTEL_EXPORTER_OTLP_ENDPOINT`, as OTLP over HTTP in
 * JSON. Without that variable the layer is empty and has no cost.
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
      ).pipe(Layer.provide([OtlpSerialization.layerJson, loggingClient]))
    }),
  )
