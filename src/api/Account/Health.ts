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
  description: "The server is available, and its database and its storage take writes",
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
          ...HttpApiSchema.annotations({
            status: 503,
            description: "The database or the storage is unavailable or takes no writes",
          }),
          ...example({ status: "unhealthy", timestamp: "2026-01-15T09:30:00.000Z", version }),
        }),
      )
      .annotate(OpenApi.Summary, "Check the health of the server")
      .annotate(
        OpenApi.Description,
        "Reports whether the server is available, and its database and its storage of files take writes, which they do not while the disk is full or read-only. Requires no authentication.",
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
      const { isDatabaseWritable, isStorageWritable } = yield* Health
      return handlers.handle("health", () =>
        Effect.gen(function* () {
          const checks = yield* Effect.all([isDatabaseWritable, isStorageWritable], { concurrency: 2 })
          const healthy = checks.every(Boolean)
          const timestamp = new Date(yield* Clock.currentTimeMillis).toISOString()
          if (!healthy) return yield* Effect.fail({ status: "unhealthy" as const, timestamp, version })
          return { status: "healthy" as const, timestamp, version }
        }),
      )
    }),
})
