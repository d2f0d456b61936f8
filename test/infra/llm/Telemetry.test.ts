import { describe, expect } from "bun:test"
import { Effect, Metric, MetricState, Stream, Tracer } from "effect"
import { it } from "../../support/it"
import { answer, exactly, Latch, status, usage, waitFor } from "../../support/Provider/Script"
import { quietly, readAll, withProvider } from "./providerFixtures"

/** The counts of a metric by its tags, the same for everyone in this process: compare before and after. */
const counts = (name: string) =>
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

const grown = <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* counts(name)
    yield* effect
    const after = yield* counts(name)
    return Object.fromEntries(
      [...after]
        .map(([tags, count]) => [tags, count - (before.get(tags) ?? 0)])
        .filter(([, count]) => count !== 0),
    )
  })

describe("metrics", () => {
  const outcomes = [
    ["completed", answer("x")],
    ["ModelCutOff", exactly("x")],
    ["ModelAccessDenied", status(401)],
  ] as const
  for (const [outcome, script] of outcomes) {
    it.live(`count a call that ends as ${outcome}, streamed or not`, () =>
      Effect.gen(function* () {
        const { provider, stream, complete } = yield* withProvider()
        yield* provider.script(script)
        expect(yield* grown("llm_requests_total", readAll(stream))).toEqual({ [`openai ${outcome}`]: 1 })
        if (outcome === "ModelCutOff") return
        yield* provider.script(script)
        expect(yield* grown("llm_requests_total", Effect.either(complete))).toEqual({
          [`openai ${outcome}`]: 1,
        })
      }),
    )
  }

  it.live("count a call that its reader leaves as aborted", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("x", waitFor(new Latch())))
      const leaving = Stream.runDrain(Stream.take(stream, 1))
      expect(yield* grown("llm_requests_total", leaving)).toEqual({ "openai aborted": 1 })
    }),
  )

  it.live("count tokens by direction, and the wait for the first", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("x", usage(5, 7)), answer("x"))
      expect(yield* grown("llm_tokens_total", readAll(stream))).toEqual({
        "openai input": 5,
        "openai output": 7,
      })
      expect(yield* grown("llm_time_to_first_token_seconds", readAll(stream))).toEqual({ openai: 1 })
    }),
  )
})

describe("a trace", () => {
  it.live("has one span for a call, in the GenAI conventions, without the prompt", () =>
    Effect.gen(function* () {
      const usual = yield* Effect.tracer
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (...args) => {
          const span = usual.span(...args)
          spans.push(span)
          return span
        },
        context: usual.context,
      })
      const { provider, stream } = yield* withProvider({ LLM_MAX_RETRIES: "1" })
      yield* provider.script(status(500), answer("x", usage(5, 7)))
      yield* quietly(Stream.runDrain(stream)).pipe(Effect.withTracer(tracer))
      expect(spans.map(({ name }) => name)).toEqual(["LanguageModel.speak"])
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
