import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServerResponse, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Monitoring } from "../../domain/operations/Monitoring"
import { type MonitoringReport, MonitoringWindow } from "../../domain/operations/Monitoring/Model"
import { Observability } from "../../domain/operations/Observability"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { constant, encodeOnly, Fields } from "../../http/Fields"
import { IntParam } from "../../http/Params"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"

const points = Schema.Array(Schema.Struct({ timestamp: Schema.Date, value: Schema.Number }))
const pointExample = (value: number) => [{ timestamp: "2026-01-15T10:30:00.000Z", value }]

const MonitoringBody = Schema.Struct({
  timestamp: Schema.Date,
  windowMs: Schema.Int,
  summary: Schema.Struct({
    totalRequests: Schema.Int,
    successRate: Schema.Number.annotations({ description: "From 0 to 1" }),
    avgResponseTime: Schema.Number.annotations({ description: "In seconds" }),
    errorRate: Schema.Number.annotations({
      description: "Responses with a status of 400 or more, from 0 to 1",
    }),
  }),
  performance: Schema.Struct({ p50: Schema.Number, p95: Schema.Number, p99: Schema.Number }).annotations({
    description: "Percentiles of the response time, in seconds",
  }),
  metrics: Schema.Struct({ requests: points, errors: points, latency: points }).annotations({
    description: "In at most 60 equal parts of the window; latency in seconds",
  }),
}).annotations({
  identifier: "Monitoring",
  description: "The requests to this process within the window",
  ...example({
    timestamp: "2026-01-15T10:30:00.000Z",
    windowMs: 300_000,
    summary: { totalRequests: 1500, successRate: 0.98, avgResponseTime: 1.2, errorRate: 0.02 },
    performance: { p50: 0.8, p95: 2.1, p99: 3.5 },
    metrics: { requests: pointExample(25), errors: pointExample(1), latency: pointExample(1.1) },
  }),
})

/** Renders a report in the Prometheus text exposition format. */
const toPrometheus = ({ summary, performance }: MonitoringReport): string => {
  const { totalRequests, errorRate, avgResponseTime } = summary
  const metric = (name: string, type: string, help: string, lines: ReadonlyArray<string>) =>
    [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n")
  const duration = "request_duration_seconds"
  return [
    metric("requests_total", "counter", "Total number of requests", [`requests_total ${totalRequests}`]),
    metric("errors_total", "counter", "Total number of responses with a status of 400 or more", [
      `errors_total ${Math.round(totalRequests * errorRate)}`,
    ]),
    metric(duration, "summary", "Time until a response was ready", [
      `${duration}{quantile="0.5"} ${performance.p50}`,
      `${duration}{quantile="0.95"} ${performance.p95}`,
      `${duration}{quantile="0.99"} ${performance.p99}`,
      `${duration}_sum ${avgResponseTime * totalRequests}`,
      `${duration}_count ${totalRequests}`,
    ]),
  ].join("\n")
}

const ObservabilityBody = Schema.Struct({
  traces: Schema.Array(
    Schema.Struct({
      operation: Schema.String,
      method: Schema.String,
      path: Schema.String,
      status: Schema.Int,
      milliseconds: Schema.Number,
      requestId: Schema.String,
      startedAt: Schema.Date,
    }),
  ).annotations({ description: "The latest requests, latest first" }),
  logs: Schema.Array(
    Schema.Struct({
      timestamp: Schema.Date,
      level: Schema.String,
      message: Schema.String,
      fields: Schema.Record({ key: Schema.String, value: Schema.String }),
    }),
  ).annotations({ description: "The latest log lines without secrets, latest first" }),
  metrics: Schema.Record({ key: Schema.String, value: Schema.Number }).annotations({
    description: "Every metric of the process by name and labels",
  }),
}).annotations({
  identifier: "Observability",
  description: "What this process did last",
  ...example({
    traces: [
      {
        operation: "listGoals",
        method: "GET",
        path: "/api/goals",
        status: 200,
        milliseconds: 2.5,
        requestId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c05",
        startedAt: "2026-01-15T10:30:00.000Z",
      },
    ],
    logs: [{ timestamp: "2026-01-15T10:30:00.000Z", level: "INFO", message: "listening", fields: {} }],
    metrics: { 'parley_http_requests_total{operation="listGoals",status="200"}': 12 },
  }),
})

const Reset = encodeOnly(
  Schema.Struct({ message: constant("Metrics reset successfully") }),
  (_: unknown) => ({}),
).annotations({ description: "The metrics were reset" })

const endpoints = HttpApiGroup.make("monitoring")
  .add(
    HttpApiEndpoint.get("getMonitoring", "/api/monitoring")
      .setUrlParams(
        Fields({
          format: Schema.optionalWith(Schema.Literal("json", "prometheus"), {
            default: () => "json",
          }).annotations({
            description: "JSON, or the text format of Prometheus",
          }),
          window: IntParam(MonitoringWindow, 300_000, {
            minimum: 1000,
            maximum: 86_400_000,
            description: "The time to report on, in milliseconds",
          }),
        }).annotations(example({ window: "60000" })),
      )
      .addSuccess(MonitoringBody)
      .addSuccess(
        HttpApiSchema.Text({ contentType: "text/plain" }).annotations({
          description: "The same for Prometheus",
          ...example(
            "# HELP requests_total Total number of requests\n# TYPE requests_total counter\nrequests_total 1500\n",
          ),
        }),
      )
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Monitor requests (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Reports on the requests to this process, of all contracts, in a window of 1 second to 24 hours.",
      ),
  )
  .add(
    HttpApiEndpoint.del("resetMonitoring", "/api/monitoring")
      .addSuccess(Reset)
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Reset monitoring (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Forgets all requests so far, for these reports only. The reset is audited.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getObservability", "/api/observability")
      .addSuccess(ObservabilityBody)
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Observe the process (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns the latest requests, the latest log lines and the metrics of this process.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Monitoring")
  .annotate(OpenApi.Description, "Requests, logs and metrics of this process, for administrators.")

export const monitoring = defineResource({
  group: endpoints,
  prefixes: ["/api/monitoring", "/api/observability"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const monitoring = yield* Monitoring
      const observability = yield* Observability
      return handlers
        .handle(
          "getMonitoring",
          withActor((actor, { urlParams: { format, window } }) =>
            Effect.map(monitoring.report(actor, window), (report) =>
              format === "json"
                ? report
                : HttpServerResponse.text(toPrometheus(report), {
                    contentType: "text/plain; version=0.0.4; charset=utf-8",
                  }),
            ),
          ),
        )
        .handle(
          "resetMonitoring",
          withActor((actor) => monitoring.reset(actor)),
        )
        .handle(
          "getObservability",
          withActor((actor) => observability.snapshot(actor)),
        )
    }),
})
