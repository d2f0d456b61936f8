import { Schema } from "effect"

/** The time to report on: 1 second to 24 hours, in milliseconds. */
export const MonitoringWindow = Schema.Int.pipe(
  Schema.between(1000, 86_400_000, {
    message: () => "must be a whole number of milliseconds from 1000 to 86400000",
  }),
)

/** A response, as monitoring counts it. */
export interface CompletedRequest {
  /** The name of the operation; `none` for requests that no operation matches. */
  readonly operation: string
  readonly method: string
  /** Without the query, which may contain private text. */
  readonly path: string
  readonly status: number
  readonly milliseconds: number
  readonly requestId: string
}

/** A request as a trace: without its query, headers and body. */
export interface RequestTrace extends CompletedRequest {
  readonly startedAt: Date
}

interface Point {
  readonly timestamp: Date
  readonly value: number
}

/** Requests to this process within the window. Times are in seconds; an error is a response of 400 or more. */
export interface MonitoringReport {
  readonly timestamp: Date
  readonly windowMs: number
  readonly summary: {
    readonly totalRequests: number
    /** From 0 to 1; 1 without requests. */
    readonly successRate: number
    readonly avgResponseTime: number
    readonly errorRate: number
  }
  readonly performance: { readonly p50: number; readonly p95: number; readonly p99: number }
  /** At most 60 equal parts of the window, oldest first; those without requests are left out. */
  readonly metrics: {
    readonly requests: ReadonlyArray<Point>
    readonly errors: ReadonlyArray<Point>
    readonly latency: ReadonlyArray<Point>
  }
}

/** Responses of 400 or more from this process, by the class of error. */
export interface ErrorStats {
  readonly total: number
  readonly byType: Readonly<Record<string, number>>
  readonly last24h: number
}
