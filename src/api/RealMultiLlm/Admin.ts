import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { ProviderHealth } from "../../domain/models/ProviderHealth"
import { ModelStreams } from "../../domain/operations/ModelStreams"
import { Monitoring } from "../../domain/operations/Monitoring"
import { Observability } from "../../domain/operations/Observability"
import { UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"
import { providerName } from "./ProviderName"

const ApiKeyHealth = Schema.Record({
  key: Schema.String,
  value: Schema.Literal("healthy", "unhealthy"),
}).annotations({
  identifier: "ApiKeyHealth",
  description: "The health of every provider with an API key",
  ...example({ openai: "healthy", claude: "unhealthy" }),
})

const ErrorStats = Schema.Struct({
  total: Schema.Int.annotations({ description: "The sum of `byType`" }),
  byType: Schema.Record({ key: Schema.String, value: Schema.Int }),
  last24h: Schema.Int,
}).annotations({
  identifier: "ErrorStats",
  description: "Responses with a status of 400 or more",
  ...example({ total: 25, byType: { ValidationError: 10, AuthError: 5, NetworkError: 10 }, last24h: 15 }),
})

const bytes = Schema.Int.annotations({ description: "In bytes" })

const Performance = Schema.Struct({
  timestamp: Schema.Date,
  uptime: Schema.Number.annotations({ description: "In seconds" }),
  memory: Schema.Struct({ rss: bytes, heapUsed: bytes, heapTotal: bytes }),
  eventLoop: Schema.Struct({
    delayMs: Schema.Number.annotations({ description: "How late a timer fires" }),
  }),
  database: Schema.Struct({
    latencyMs: Schema.Number.annotations({ description: "The time of a query" }),
  }),
  streams: Schema.Struct({ active: Schema.Int.annotations({ description: "Open model streams" }) }),
}).annotations({
  identifier: "Performance",
  description: "What this process uses",
  ...example({
    timestamp: "2026-01-15T10:30:00.000Z",
    uptime: 3600.5,
    memory: { rss: 209_715_200, heapUsed: 52_428_800, heapTotal: 73_400_320 },
    eventLoop: { delayMs: 1.2 },
    database: { latencyMs: 0.4 },
    streams: { active: 12 },
  }),
})

const StreamConnections = Schema.Struct({
  active: Schema.Int,
  connections: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      userId: UserId,
      provider: Schema.String,
      startedAt: Schema.Date,
    }),
  ).annotations({ description: "Oldest first" }),
}).annotations({
  identifier: "StreamConnections",
  description: "The open model streams of this process",
  ...example({
    active: 1,
    connections: [
      {
        id: "019bc0f1-2d05-7c3a-9d52-5e6f7a8b9c0d",
        userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
        provider: "openai",
        startedAt: "2026-01-15T10:30:00.000Z",
      },
    ],
  }),
})

const endpoints = HttpApiGroup.make("systemAdmin")
  .add(
    HttpApiEndpoint.get("apiKeyHealth", "/api/admin/api-keys/health")
      .addSuccess(ApiKeyHealth)
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Check API keys (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Tells whether each provider accepts the server's API key, by a call at most a minute ago. Providers without a key are left out.",
      ),
  )
  .add(
    HttpApiEndpoint.get("errorStats", "/api/admin/errors/stats")
      .addSuccess(ErrorStats)
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get error statistics (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Counts the responses of this process with a status of 400 or more, of all contracts, by class of error.",
      ),
  )
  .add(
    HttpApiEndpoint.get("performanceMetrics", "/api/admin/performance/phase3")
      .addSuccess(Performance)
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Measure performance (admin)")
      .annotate(OpenApi.Description, "For administrators. Measures what this process uses now."),
  )
  .add(
    HttpApiEndpoint.get("streamConnections", "/api/admin/stream-connections")
      .addSuccess(StreamConnections)
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List model streams (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Lists the answers that providers are streaming to this process now, whatever contract they were started through.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "System")
  .annotate(OpenApi.Description, "Providers, errors and resources, for administrators.")

export const admin = defineResource({
  group: endpoints,
  prefixes: [
    "/api/admin/api-keys",
    "/api/admin/errors",
    "/api/admin/performance",
    "/api/admin/stream-connections",
  ],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const health = yield* ProviderHealth
      const monitoring = yield* Monitoring
      const observability = yield* Observability
      const streams = yield* ModelStreams
      return handlers
        .handle(
          "apiKeyHealth",
          withActor((actor) =>
            Effect.map(health.apiKeys(actor), (keys) =>
              Object.fromEntries([...keys].map(([id, state]) => [providerName(id), state])),
            ),
          ),
        )
        .handle(
          "errorStats",
          withActor((actor) => monitoring.errorStats(actor)),
        )
        .handle(
          "performanceMetrics",
          withActor((actor) => observability.performance(actor)),
        )
        .handle(
          "streamConnections",
          withActor((actor) =>
            Effect.map(streams.list(actor), (open) => ({
              active: open.length,
              connections: open.map((stream) => ({ ...stream, provider: providerName(stream.provider) })),
            })),
          ),
        )
    }),
})
