import { Effect, LogLevel, Metric, MetricBoundaries } from "effect"
import type { ModelError, TokenUsage } from "../../domain/conversation/LanguageModel"

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

/** How a call is known to have ended so far. */
interface Ending {
  readonly over: boolean
  readonly failure: ModelError | undefined
  readonly usage: TokenUsage | undefined
  readonly detail: string | undefined
}

/** What one model call came to, written down as it goes and reported once at its end. */
export class Call {
  /** `completed`, `aborted`, or the tag of the error. */
  outcome = "aborted"
  usage: TokenUsage | undefined
  /** The provider's own words about a failure, already made safe to log. */
  detail: string | undefined
  /** Seconds from the call to the first part of its answer. */
  waited: number | undefined
  readonly #begun = performance.now()

  firstToken() {
    this.waited = (performance.now() - this.#begun) / 1000
  }

  complete(usage: TokenUsage | undefined) {
    this.outcome = "completed"
    this.usage = usage
  }

  conclude({ detail, failure, over, usage }: Ending) {
    this.usage = usage
    this.detail = detail
    this.outcome = over ? (failure?._tag ?? "completed") : "aborted"
  }

  /** Notes how the effect fails. */
  watching<A, R>(effect: Effect.Effect<A, ModelError, R>) {
    return Effect.tapError(effect, (error) =>
      Effect.sync(() => {
        this.outcome = error._tag
      }),
    )
  }
}

/** Failures that whoever asked can mend: nothing for an administrator to do. */
const ofTheCaller = new Set<string>([
  "ContextTooLong",
  "ContentRefused",
  "ModelNotFound",
  "ModelRequestRejected",
])

const count = ({ outcome, usage, waited }: Call, provider: string) =>
  Effect.gen(function* () {
    const outcomes = requests.pipe(Metric.tagged("provider", provider), Metric.tagged("outcome", outcome))
    yield* Metric.increment(outcomes)
    if (waited !== undefined) yield* Metric.update(Metric.tagged(firstToken, "provider", provider), waited)
    if (usage === undefined) return
    const ofProvider = Metric.tagged(tokens, "provider", provider)
    yield* Metric.incrementBy(Metric.tagged(ofProvider, "direction", "input"), usage.promptTokens)
    yield* Metric.incrementBy(Metric.tagged(ofProvider, "direction", "output"), usage.completionTokens)
  })

/**
 * Watches one model call for as long as the scope is open: a span in the GenAI semantic
 * conventions, metrics, and a log line when it failed. Nothing of it runs per delta.
 */
export const watch = (operation: string, provider: string, model: string) =>
  Effect.gen(function* () {
    const call = new Call()
    const span = yield* Effect.makeSpanScoped(operation, {
      kind: "client",
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
      },
    })
    const report = Effect.gen(function* () {
      const { detail, outcome, usage } = call
      span.attribute("parley.outcome", outcome)
      if (usage !== undefined) {
        span.attribute("gen_ai.usage.input_tokens", usage.promptTokens)
        span.attribute("gen_ai.usage.output_tokens", usage.completionTokens)
      }
      yield* count(call, provider)
      if (outcome === "completed" || outcome === "aborted") return
      const level = ofTheCaller.has(outcome) ? LogLevel.Debug : LogLevel.Warning
      yield* Effect.logWithLevel(level, "A model call failed").pipe(
        Effect.annotateLogs({ provider, model, outcome, detail }),
      )
    })
    yield* Effect.addFinalizer(() => report)
    return call
  })
