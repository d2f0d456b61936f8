import { Clock, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { requireAdmin } from "../shared/Policy"
import { RingBuffer } from "../shared/RingBuffer"
import { Audit } from "./Audit"
import type { CompletedRequest, ErrorStats, MonitoringReport, RequestTrace } from "./Monitoring/Model"
import { RequestHistory } from "./Monitoring/RequestHistory"
import { errorClassOf } from "./Monitoring/Rules"

const DAY = 86_400_000

/** The number of parts that a window is reported in. */
const PARTS = 60

/** The number of requests to keep as traces. */
const MAX_TRACES = 200

/**
 * Counts the requests to this process, of all contracts, in memory. Every report requires an
 * administrator.
 */
export class Monitoring extends Effect.Service<Monitoring>()("Monitoring", {
  effect: Effect.gen(function* () {
    const audit = yield* Audit
    const history = new RequestHistory()
    const errorsByClass = new Map<string, number>()
    const traces = new RingBuffer<RequestTrace>(MAX_TRACES)

    /** Records a response. A plain call, because every request makes it. */
    const record = (request: CompletedRequest): void => {
      const now = Date.now()
      const { status, milliseconds } = request
      history.record(now, milliseconds, status >= 400)
      traces.add({ ...request, startedAt: new Date(now - milliseconds) })
      if (status < 400) return
      const name = errorClassOf(status)
      errorsByClass.set(name, (errorsByClass.get(name) ?? 0) + 1)
    }

    /** Reports on the requests of the last milliseconds. */
    const report = Effect.fn("Monitoring.report")(function* (actor: Actor, windowMs: number) {
      yield* requireAdmin(actor)
      const now = yield* Clock.currentTimeMillis
      const { requests, errors, milliseconds, percentile, parts } = history.totals(now, windowMs, PARTS)
      const errorRate = requests === 0 ? 0 : errors / requests
      const points = (value: (part: (typeof parts)[number]) => number) =>
        parts.map((part) => ({ timestamp: new Date(part.end), value: value(part) }))
      const result: MonitoringReport = {
        timestamp: new Date(now),
        windowMs,
        summary: {
          totalRequests: requests,
          successRate: 1 - errorRate,
          avgResponseTime: requests === 0 ? 0 : milliseconds / requests / 1000,
          errorRate,
        },
        performance: {
          p50: percentile(0.5) / 1000,
          p95: percentile(0.95) / 1000,
          p99: percentile(0.99) / 1000,
        },
        metrics: {
          requests: points((part) => part.requests),
          errors: points((part) => part.errors),
          latency: points((part) => part.milliseconds / part.requests / 1000),
        },
      }
      return result
    })

    /** Reports the errors since the start of the process or the last reset, by class, and those of the last 24 hours. */
    const errorStats = Effect.fn("Monitoring.errorStats")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      const result: ErrorStats = {
        total: [...errorsByClass.values()].reduce((total, count) => total + count, 0),
        byType: Object.fromEntries(errorsByClass),
        last24h: history.totals(yield* Clock.currentTimeMillis, DAY, 1).errors,
      }
      return result
    })

    /** Lists the latest requests, latest first. */
    const latestTraces = Effect.fn("Monitoring.latestTraces")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      return traces.latest()
    })

    /** Forgets all requests so far. The ledger of model calls and the metrics page are not affected. */
    const reset = Effect.fn("Monitoring.reset")(function* (actor: Actor) {
      yield* requireAdmin(actor)
      yield* audit.record(actor, "reset_monitoring", actor.userId)
      history.clear()
      errorsByClass.clear()
    })

    return { record, report, errorStats, latestTraces, reset }
  }),
}) {}
