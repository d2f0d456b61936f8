import { SqlClient } from "@effect/sql"
import { Clock, DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import { ModelStreams } from "./ModelStreams"
import { Monitoring } from "./Monitoring"
import { ProcessStats } from "./ProcessStats"

/** Shows administrators what this process is doing: its latest requests and log lines, its metrics and resources. */
export class Observability extends Effect.Service<Observability>()("Observability", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const stats = yield* ProcessStats
    const monitoring = yield* Monitoring
    const streams = yield* ModelStreams

    /** Returns the latest requests and log lines, latest first, and all metrics. */
    const snapshot = Effect.fn("Observability.snapshot")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      return {
        traces: yield* monitoring.latestTraces(actor),
        logs: yield* stats.latestLogs,
        metrics: yield* stats.metrics,
      }
    })

    /** Measures resources, the time of a database query, and the number of open model streams. */
    const performance = Effect.fn("Observability.performance")(function* (actor: Actor) {
      const open = yield* streams.list(actor)
      const usage = yield* stats.usage
      const startedAt = yield* Clock.currentTimeNanos
      yield* Effect.orDie(sql`select 1`)
      const latencyMs = Number((yield* Clock.currentTimeNanos) - startedAt) / 1e6
      return {
        timestamp: yield* DateTime.nowAsDate,
        uptime: usage.uptimeMs / 1000,
        memory: usage.memory,
        eventLoop: usage.eventLoop,
        database: { latencyMs },
        streams: { active: open.length },
      }
    })

    return { snapshot, performance }
  }),
}) {}
