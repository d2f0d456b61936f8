import { Effect, FiberRef, LogLevel } from "effect"

interface CompletedRequest {
  readonly method: string
  /** Without the query, which may contain private text. */
  readonly path: string
  readonly status: number
  readonly milliseconds: number
  readonly requestId: string
}

/** Returns the function that logs a completed request at level Debug; undefined when that level is disabled. */
export const accessLog = Effect.map(FiberRef.get(FiberRef.currentMinimumLogLevel), (minimumLevel) =>
  LogLevel.lessThanEqual(minimumLevel, LogLevel.Debug)
    ? ({ method, path, status, milliseconds, requestId }: CompletedRequest) =>
        Effect.annotateLogs(Effect.logDebug("request completed"), {
          "http.method": method,
          "http.path": path,
          "http.status": status,
          "http.duration_ms": milliseconds,
          requestId,
        })
    : undefined,
)
