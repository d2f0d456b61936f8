import { Cause, Effect, Exit, LogLevel, Metric, MetricBoundaries, Option } from "effect"
import type { ModelError, TokenUsage } from "../../domain/models/LanguageModel"

const requests = Metric.counter("llm_requests_total", {
  description: "Model calls by provider and outcome",
  incremental: true,
})
const tokens = Metric.counter("llm_tokens_total", {
  description: "Tokens by provider and direction, as the provider counted them",
  incremental: true,
})
const firstToken = Metric.histogram(
  "llm_time_to_first_token_seconds",
  MetricBoundaries.exponential({ start: 0.05, factor: 2, count: 12 }),
  "Seconds from the call to the first part of its answer, retries included",
)

/** What is known of a model call beside how it ended. */
export interface Call {
  usage?: TokenUsage | undefined
  /** The provider's own words about a failure, already made safe to log. */
  detail?: string | undefined
  /** Milliseconds from the call to the first part of its answer. */
  waited?: number | undefined
}

/** Which model of which provider is asked for what. */
interface Called {
  readonly provider: string
  readonly model: string
  readonly kind?: "chat" | "generate_content"
}

/** Failures that whoever asked can mend: nothing for an administrator to do, who hears of all others. */
const ofTheCaller = new Set<string>(["ContextTooLong", "ContentRefused"])

/** A model that thinks too long to say anything: it is no fault, and may be why somebody complains. */
const levelOf = (outcome: string) => {
  if (ofTheCaller.has(outcome)) return LogLevel.Debug
  return outcome === "ModelSaidNothing" ? LogLevel.Info : LogLevel.Warning
}

const count = ({ usage, waited }: Call, provider: string, outcome: string) =>
  Effect.gen(function* () {
    const outcomes = requests.pipe(Metric.tagged("provider", provider), Metric.tagged("outcome", outcome))
    yield* Metric.increment(outcomes)
    if (waited !== undefined)
      yield* Metric.update(Metric.tagged(firstToken, "provider", provider), waited / 1000)
    if (usage === undefined) return
    const ofProvider = Metric.tagged(tokens, "provider", provider)
    yield* Metric.incrementBy(Metric.tagged(ofProvider, "direction", "input"), usage.promptTokens)
    yield* Metric.incrementBy(Metric.tagged(ofProvider, "direction", "output"), usage.completionTokens)
  })

/** `completed`, `aborted`, `died`, or the tag of the error. */
const outcomeOf = (exit: Exit.Exit<unknown, ModelError>) => {
  if (Exit.isSuccess(exit)) return "completed"
  const failure = Cause.failureOption(exit.cause)
  if (Option.isSome(failure)) return failure.value._tag
  return Cause.isInterrupted(exit.cause) ? "aborted" : "died"
}

/**
 * Watches one model call: a span in the GenAI semantic conventions, metrics, and a log line when
 * it failed. Nothing of it runs per delta, and next to nothing before the first.
 */
export const watched = <A>(
  operation: string,
  { provider, model, kind = "chat" }: Called,
  use: (call: Call) => Effect.Effect<A, ModelError>,
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
      const call: Call = {}
      const report = (exit: Exit.Exit<A, ModelError>) =>
        Effect.gen(function* () {
          const { detail, usage } = call
          const outcome = outcomeOf(exit)
          span.attribute("parley.outcome", outcome)
          if (usage !== undefined) {
            span.attribute("gen_ai.usage.input_tokens", usage.promptTokens)
            span.attribute("gen_ai.usage.output_tokens", usage.completionTokens)
          }
          yield* count(call, provider, outcome)
          if (outcome === "completed" || outcome === "aborted") return
          yield* Effect.logWithLevel(levelOf(outcome), "A model call failed").pipe(
            Effect.annotateLogs({ provider, model, outcome, detail }),
          )
        })
      return Effect.onExit(use(call), report)
    },
  )
