import { describe, expect } from "bun:test"
import { Effect, Metric, MetricState, Stream, Tracer } from "effect"
import { it } from "../../support/it"
import { answer, exactAnswer, Latch, status, usage, waitFor } from "../../support/ScriptedProvider/Script"
import { readAll, withoutLogs, withProvider } from "./providerFixtures"

/**
 * Returns the counts of a metric by its tags. Metrics are global to the process: compare before and after.
 */
const readCounts = (name: string) =>
  Effect.map(
    Metric.snapshot,
    (pairs) =>
      new Map(
        pairs
          .filter(({ metricKey }) => metricKey.name === name)
          .map(({ metricKey, metricState }) => [
            metricKey.tags.map(({ value }) => value).join(" "),
            MetricState.isCounterState(metricState) || MetricState.isHistogramState(metricState)
              ? Number(metricState.count)
              : 0,
          ]),
      ),
  )

const increases = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* readCounts(name)
    yield* effect
    const after = yield* readCounts(name)
    return Object.fromEntries(
      [...after]
        .map(([tags, count]) => [tags, count - (before.get(tags) ?? 0)])
        .filter(([, count]) => count !== 0),
    )
  })

describe("Metrics of model calls", () => {
  const outcomes = [
    ["completed", answer("x")],
    ["StreamInterrupted", exactAnswer("x")],
    ["ModelAccessDenied", status(401)],
  ] as const
  for (const [outcome, script] of outcomes) {
    it.live(`counts a call with the outcome ${outcome}, streamed or not`, () =>
      Effect.gen(function* () {
        const { provider, stream, complete } = yield* withProvider()
        yield* provider.script(script)
        expect(yield* increases("llm_requests_total", readAll(stream))).toEqual({ [`openai ${outcome}`]: 1 })
        if (outcome === "StreamInterrupted") return
        yield* provider.script(script)
        expect(yield* increases("llm_requests_total", Effect.either(complete))).toEqual({
          [`openai ${outcome}`]: 1,
        })
      }),
    )
  }

  it.live("counts a call as aborted when the consumer stops reading", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("x", waitFor(new Latch())))
      const partialRead = Stream.runDrain(Stream.take(stream, 1))
      expect(yield* increases("llm_requests_total", partialRead)).toEqual({ "openai aborted": 1 })
    }),
  )

  it.live("counts tokens by direction, and records the time to the first token", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("x", usage(5, 7)), answer("x"))
      expect(yield* increases("llm_tokens_total", readAll(stream))).toEqual({
        "openai input": 5,
        "openai output": 7,
      })
      expect(yield* increases("llm_time_to_first_token_seconds", readAll(stream))).toEqual({ openai: 1 })
    }),
  )
})

describe("The trace of a model call", () => {
  it.live("records one span, in the GenAI conventions, without the prompt", () =>
    Effect.gen(function* () {
      const defaultTracer = yield* Effect.tracer
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (...args) => {
          const span = defaultTracer.span(...args)
          spans.push(span)
          return span
        },
        context: defaultTracer.context,
      })
      const { provider, stream } = yield* withProvider({ LLM_MAX_RETRIES: "1" })
      yield* provider.script(status(500), answer("x", usage(5, 7)))
      yield* withoutLogs(Stream.runDrain(stream)).pipe(Effect.withTracer(tracer))
      expect(spans.map(({ name }) => name)).toEqual(["LanguageModel.stream"])
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toEqual({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "scripted",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 7,
        "parley.outcome": "completed",
      })
      expect(spans[0]?.status._tag).toBe("Ended")
    }),
  )
})
