import { Context, type Effect } from "effect"

/** A log line as it was written: message and fields, without secrets. */
export interface LogLine {
  readonly timestamp: Date
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

/** What this process uses. Sizes are in bytes, times in milliseconds. */
export interface ResourceUsage {
  /** Since the process started. */
  readonly uptimeMs: number
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly heapTotal: number }
  /** How late timers fire because other code runs. */
  readonly eventLoop: { readonly delayMs: number }
}

/** What this process knows of itself. `infra/telemetry` implements it. */
export class ProcessStats extends Context.Tag("ProcessStats")<
  ProcessStats,
  {
    readonly usage: Effect.Effect<ResourceUsage>
    /** The latest log lines, latest first. */
    readonly latestLogs: Effect.Effect<ReadonlyArray<LogLine>>
    /** The value of every metric, by name and labels. */
    readonly metrics: Effect.Effect<Readonly<Record<string, number>>>
  }
>() {}
