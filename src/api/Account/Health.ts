import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Clock, Effect, Schema } from "effect"
import { Health } from "../../domain/operations/Health"
import { RateLimits } from "../../http/Annotations"
import { example } from "../../http/Example"
import { Timestamp } from "../../http/Params"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import { version } from "../../http/Version"

const HealthBody = Schema.Struct({
  status: Schema.Literal("healthy"),
  timestamp: Timestamp,
  version: Schema.String,
}).annotations({
  identifier: "Health",
  description: "The server and its database are available",
  ...example({ status: "healthy", timestamp: "2026-01-15T09:30:00.000Z", version }),
})

const endpoints = HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("health", "/api/health")
      .addSuccess(HealthBody)
      .addError(
        Schema.Struct({
          status: Schema.Literal("unhealthy"),
          timestamp: Timestamp,
          version: Schema.String,
        }).annotations({
          ...HttpApiSchema.annotations({ status: 503, description: "The database is unavailable" }),
          ...example({ status: "unhealthy", timestamp: "2026-01-15T09:30:00.000Z", version }),
        }),
      )
      .annotate(OpenApi.Summary, "Check the health of the server")
      .annotate(
        OpenApi.Description,
        "Reports whether the server and its database are available. Requires no authentication.",
      ),
  )
  .annotate(RateLimits, rateLimits.none)
  .annotate(OpenApi.Title, "Health")
  .annotate(OpenApi.Description, "Health checks for load balancers and monitoring.")

export const health = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const { isDatabaseReachable } = yield* Health
      return handlers.handle("health", () =>
        Effect.gen(function* () {
          const healthy = yield* isDatabaseReachable
          const timestamp = new Date(yield* Clock.currentTimeMillis).toISOString()
          if (!healthy) return yield* Effect.fail({ status: "unhealthy" as const, timestamp, version })
          return { status: "healthy" as const, timestamp, version }
        }),
      )
    }),
})
