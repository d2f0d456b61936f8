import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { startCollector } from "../support/TelemetryCollector"

it.live(
  "A server exports traces and metrics to its collector, without secrets",
  () =>
    Effect.gen(function* () {
      const { url, received } = yield* startCollector
      const server = yield* startServer({
        ...(yield* databaseEnv),
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=for%20the%20collector",
        OTEL_SERVICE_NAME: "parley-under-test",
      })
      const person = { email: "jane@example.com", password: "notForAnyTrace1", fullName: "Jane Doe" }
      yield* Effect.promise(() =>
        fetch(`${server.url}/api/auth/signup?secret=inTheQuery`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(person),
        }),
      )
      server.kill("SIGTERM")
      expect(yield* Effect.promise(() => server.exited)).toBe(0)
      const traces = received
        .filter(({ path }) => path === "/v1/traces")
        .map(({ body }) => body)
        .join("")
      expect(traces).toContain("http.server POST")
      expect(traces).toContain("sql.execute")
      expect(traces).toContain("parley-under-test")
      expect(
        received.some(
          ({ path, body }) => path === "/v1/metrics" && body.includes("parley_http_requests_total"),
        ),
      ).toBe(true)
      expect(
        received.some(
          ({ path, body }) => path === "/v1/metrics" && body.includes("process_resident_memory_bytes"),
        ),
      ).toBe(true)
      expect(received.every(({ key }) => key === "for the collector")).toBe(true)
      const everything = received.map(({ body }) => body).join("") + server.output()
      expect(everything).not.toContain(person.password)
      expect(everything).not.toContain("inTheQuery")
    }),
  { timeout: 60_000 },
)

it.live(
  "A server whose collector rejects all exports logs that once, without credentials",
  () =>
    Effect.gen(function* () {
      const collector = yield* Effect.acquireRelease(
        Effect.sync(() =>
          Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("no", { status: 401 }) }),
        ),
        (server) => Effect.promise(() => server.stop(true)),
      )
      const server = yield* startServer({
        ...(yield* databaseEnv),
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:hunter2@127.0.0.1:${collector.port}`,
      })
      yield* Effect.promise(() => fetch(`${server.url}/api/health`))
      server.kill("SIGTERM")
      expect(yield* Effect.promise(() => server.exited)).toBe(0)
      const warnings = server
        .output()
        .split("\n")
        .filter((line) => line.includes("telemetry export failed"))
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain("HTTP 401")
      expect(server.output()).not.toContain("hunter2")
    }),
  { timeout: 60_000 },
)
