import { Cause, Effect, Exit, LogLevel, Metric, MetricBoundaries, Option } from "effect"
import type { ModelError, TokenUsage } from "../../domain/models/LanguageModel"

const requestsTotal = Metric.counter("llm_requests_total", {
  description: "Model calls by provider and outcome",
  incremental: true,
})
const tokensTotal = Metric.counter("llm_tokens_total", {
  description: "Tokens by provider and direction, as reported by the provider",
  incremental: true,
})
const timeToFirstToken = Metric.histogram(
  "llm_time_to_first_token_seconds",
  MetricBoundaries.exponential({ start: 0.05, factor: 2, count: 12 }),
  "Seconds from the call to the first token, retries included",
)

/** Data about a model call that its outcome does not contain; filled in while the call runs. */
export interface CallRecord {
  usage?: TokenUsage | undefined
  /** What the provider reported instead, if that cannot be. */
  correction?: { readonly reported: string; readonly counted: string } | undefined
  /** The provider's description of a failure, redacted for the log. */
  detail?: string | undefined
  /** Milliseconds from the call to the first token. */
  timeToFirstTokenMs?: number | undefined
}

/** The provider, model and kind of a call. */
interface CallTarget {
  readonly provider: string
  readonly model: string
  readonly kind?: "chat" | "generate_content"
}

/** Failures that the caller can fix, logged at debug level: they need no action by an administrator. */
const clientErrors = new Set<string>(["ContextLengthExceeded", "ContentFiltered"])

/** Returns the log level of an outcome. An empty response is not an error, but may explain a user's report. */
const levelOf = (outcome: string) => {
  if (clientErrors.has(outcome)) return LogLevel.Debug
  return outcome === "EmptyResponse" ? LogLevel.Info : LogLevel.Warning
}

const recordMetrics = ({ usage, timeToFirstTokenMs }: CallRecord, provider: string, outcome: string) =>
  Effect.gen(function* () {
    const outcomes = requestsTotal.pipe(
      Metric.tagged("provider", provider),
      Metric.tagged("outcome", outcome),
    )
    yield* Metric.increment(outcomes)
    if (timeToFirstTokenMs !== undefined)
      yield* Metric.update(Metric.tagged(timeToFirstToken, "provider", provider), timeToFirstTokenMs / 1000)
    if (usage === undefined) return
    const providerTokens = Metric.tagged(tokensTotal, "provider", provider)
    yield* Metric.incrementBy(Metric.tagged(providerTokens, "direction", "input"), usage.promptTokens)
    yield* Metric.incrementBy(Metric.tagged(providerTokens, "direction", "output"), usage.completionTokens)
  })

/** Returns `completed`, `aborted`, `died`, or the tag of the error. */
const outcomeOf = (exit: Exit.Exit<unknown, ModelError>) => {
  if (Exit.isSuccess(exit)) return "completed"
  const failure = Cause.failureOption(exit.cause)
  if (Option.isSome(failure)) return failure.value._tag
  return Cause.isInterrupted(exit.cause) ? "aborted" : "died"
}

/**
 * Instruments one model call with a span in the GenAI semantic conventions, metrics, and a log line
 * when it failed. Nothing runs per delta, and next to nothing before the first one.
 */
export const instrumented = <A>(
  operation: string,
  { provider, model, kind = "chat" }: CallTarget,
  use: (call: CallRecord) => Effect.Effect<A, ModelError>,
): Effect.Effect<A, ModelError> =>
  Effect.useSpan(
    operation,
    {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        "gen_ai.operation.name": kind,
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
      },
    },
    (span) => {
      const call: CallRecord = {}
      const report = (exit: Exit.Exit<A, ModelError>) =>
        Effect.gen(function* () {
          const { detail, usage } = call
          const outcome = outcomeOf(exit)
          span.attribute("parley.outcome", outcome)
          if (usage !== undefined) {
            span.attribute("gen_ai.usage.input_tokens", usage.promptTokens)
            span.attribute("gen_ai.usage.output_tokens", usage.completionTokens)
          }
          yield* recordMetrics(call, provider, outcome)
          if (call.correction !== undefined) {
            yield* Effect.annotateLogs(Effect.logWarning("token usage corrected"), {
              provider,
              model,
              ...call.correction,
            })
          }
          if (outcome === "completed" || outcome === "aborted") return
          yield* Effect.logWithLevel(levelOf(outcome), "model call failed").pipe(
            Effect.annotateLogs({ provider, model, outcome, detail }),
          )
        })
      return Effect.onExit(use(call), report)
    },
  )
