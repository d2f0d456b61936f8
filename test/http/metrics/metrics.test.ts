import { expect } from "bun:test"
import { Effect, Metric, MetricBoundaries } from "effect"
import { renderMetrics } from "../../../src/http/metrics/Exposition"
import { App, layer as appLayer } from "../../support/App"
import { it, layer } from "../../support/it"

const line =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/

/** Parses samples by name; throws at the first line that violates the format. */
const parse = (text: string) => {
  const samples = new Map<string, number>()
  for (const each of text.split("\n")) {
    if (each === "" || /^# (HELP|TYPE) [a-zA-Z_:][\w:]* ./.test(each)) continue
    const match = line.exec(each)
    if (match === null) throw new Error(`not a sample: ${each}`)
    samples.set(`${match[1]}{${match[2] ?? ""}}`, Number(match[3]?.replace("Inf", "Infinity")))
  }
  return samples
}

it.live("renderMetrics renders metrics of every kind in the Prometheus format", () =>
  Effect.gen(function* () {
    const name = "test_exposition"
    yield* Metric.increment(
      Metric.tagged(Metric.counter(`${name}_total`, { description: "a\nb" }), "path", 'a"b\\c\n'),
    )
    const histogram = Metric.histogram(`${name}_seconds`, MetricBoundaries.fromIterable([1, 2]))
    yield* Effect.forEach([0.5, 1.5, 9], (value) => Metric.update(histogram, value))
    yield* Metric.update(Metric.frequency(`${name}_words`), "yes")
    const samples = parse(renderMetrics(yield* Metric.snapshot))
    expect(samples.get(`${name}_total{path="a\\"b\\\\c\\n"}`)).toBe(1)
    expect(samples.get(`${name}_seconds_bucket{le="1"}`)).toBe(1)
    expect(samples.get(`${name}_seconds_bucket{le="2"}`)).toBe(2)
    expect(samples.get(`${name}_seconds_bucket{le="+Inf"}`)).toBe(3)
    expect(samples.get(`${name}_seconds_sum{}`)).toBe(11)
    expect(samples.get(`${name}_words{key="yes"}`)).toBe(1)
  }),
)

layer(appLayer())("METRICS=off", (it) => {
  it.live("responds with 404 to /metrics", () =>
    Effect.gen(function* () {
      expect((yield* (yield* App).request("GET", "/metrics")).status).toBe(404)
    }),
  )
})

layer(appLayer({ METRICS: "on", METRICS_TOKEN: "only for the scraper" }))(
  "METRICS=on with METRICS_TOKEN",
  (it) => {
    it.live("counts requests, and serves /metrics to bearers of the token only", () =>
      Effect.gen(function* () {
        const app = yield* App
        yield* app.request("GET", "/api/health")
        expect((yield* app.request("GET", "/metrics")).status).toBe(401)
        expect((yield* app.request("GET", "/metrics", { token: "guessed" })).status).toBe(401)
        const response = yield* app.request("GET", "/metrics", { token: "only for the scraper" })
        const samples = parse(response.text)
        expect(samples.get('parley_http_requests_total{operation="health",status="200"}')).toBeGreaterThan(0)
        expect(samples.get("process_resident_memory_bytes{}")).toBeGreaterThan(1_000_000)
        expect(samples.get("process_start_time_seconds{}")).toBeGreaterThan(1_700_000_000)
        expect(response.text).toContain("# TYPE process_cpu_seconds_total counter\n")
        const later = parse((yield* app.request("GET", "/metrics", { token: "only for the scraper" })).text)
        const [before, after] = [samples, later].map((each) => each.get("process_cpu_seconds_total{}") ?? 0)
        expect([before, after]).toEqual([expect.any(Number), expect.any(Number)])
        expect(after).toBeGreaterThan(before ?? Infinity)
        expect([...samples.keys()].filter((name) => name.startsWith("effect_fiber"))).toEqual([])
      }),
    )
  },
)
