import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

layer(Server.layer())("Monitoring", (it) => {
  it.live("counts requests and errors of all contracts, as JSON and for Prometheus, until it is reset", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const get = (query = "") => app.request("GET", `/api/monitoring${query}`, { token })
      const reset = yield* app.request("DELETE", "/api/monitoring", { token })
      expect([reset.status, reset.json]).toEqual([200, { message: "Metrics reset successfully" }])
      for (const path of ["/api/chats", "/api/models", "/api/goals"])
        yield* app.request("GET", path, { token })
      yield* app.request("GET", "/api/nothing", { token })
      const report = yield* get("?window=60000")
      const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
      expect([report.status, report.json]).toMatchObject([
        200,
        {
          timestamp: time,
          windowMs: 60_000,
          summary: { totalRequests: 5, successRate: 0.8, errorRate: expect.closeTo(0.2) },
        },
      ])
      const { summary, performance, metrics } = Object(report.json)
      expect(summary.avgResponseTime).toBeGreaterThan(0)
      expect(performance.p50).toBeGreaterThan(0)
      expect(performance.p99).toBeGreaterThanOrEqual(performance.p50)
      const total = (points: ReadonlyArray<{ readonly value: number }>) =>
        points.reduce((sum, { value }) => sum + value, 0)
      expect([total(metrics.requests), total(metrics.errors)]).toEqual([5, 1])

      const prometheus = yield* get("?format=prometheus")
      expect(prometheus.headers.get("content-type")).toStartWith("text/plain")
      expect(prometheus.text).toContain("# TYPE requests_total counter\nrequests_total 6\n")
      expect(prometheus.text).toContain("errors_total 1\n")

      yield* app.request("DELETE", "/api/monitoring", { token })
      expect(Object((yield* get()).json)).toMatchObject({ windowMs: 300_000, summary: { totalRequests: 1 } })
      const audit = yield* app.request("GET", "/api/admin/audit-logs?action=reset_monitoring", { token })
      expect(audit.text).toContain("reset_monitoring")
    }),
  )

  it.live("rejects an invalid window or format", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      for (const query of ["window=999", "window=86400001", "window=x", "format=xml"]) {
        const { status, json } = yield* app.request("GET", `/api/monitoring?${query}`, { token })
        const [field] = query.split("=", 1)
        expect([query, status, json]).toMatchObject([query, 400, { fields: [{ field }] }])
      }
    }),
  )

  it.live("counts errors by class", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      yield* app.request("DELETE", "/api/monitoring", { token })
      yield* app.request("GET", "/api/goals")
      yield* app.request("GET", "/api/nothing", { token })
      yield* app.request("POST", "/api/goals", { token, body: {} })
      yield* app.request("PATCH", "/api/goals", { token, body: {} })
      const { status, json } = yield* app.request("GET", "/api/admin/errors/stats", { token })
      expect([status, json]).toEqual([
        200,
        { total: 4, byType: { AuthError: 1, NotFoundError: 1, ValidationError: 2 }, last24h: 4 },
      ])
    }),
  )

  it.live("shows the latest requests, log lines and metrics without secrets", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      yield* app.request("GET", "/api/goals?secret=in-the-query", { token })
      yield* Effect.logWarning("leaking sk-abcdefghijklmnop and Bearer abcdefghijklmnop").pipe(
        Effect.annotateLogs({ url: "https://user:hunter2@example.com/?token=abcdef" }),
      )
      const { status, text, json } = yield* app.request("GET", "/api/observability", { token })
      expect(status).toBe(200)
      const { traces, logs, metrics } = Object(json)
      expect(traces[0]).toMatchObject({
        operation: "listGoals",
        method: "GET",
        path: "/api/goals",
        status: 200,
      })
      expect(Object.keys(metrics).some((name) => name.startsWith("parley_http_requests_total"))).toBe(true)
      expect(Array.isArray(logs)).toBe(true)
      for (const secret of ["in-the-query", "sk-abcdef", "hunter2", token]) expect(text).not.toContain(secret)
    }),
  )

  it.live("hides the ids of shares, which are secrets, from traces", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const id = "AAAAAAAAAAAAAAAAAAAAAA"
      yield* app.request("GET", `/api/shared-conversations/${id}`)
      yield* app.request("GET", `/shared/${id}`)
      const { text, json } = yield* app.request("GET", "/api/observability", { token })
      expect(text).not.toContain(id)
      expect(Object(json).traces.slice(0, 2)).toMatchObject([
        { path: "/shared/:id", status: 404 },
        { path: "/api/shared-conversations/:id", status: 404 },
      ])
    }),
  )

  it.live("measures the process", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const { status, json } = yield* app.request("GET", "/api/admin/performance/phase3", { token })
      expect([status, json]).toMatchObject([200, { streams: { active: 0 } }])
      const { uptime, memory, database } = Object(json)
      for (const figure of [uptime, memory.rss, memory.heapUsed, database.latencyMs])
        expect(figure).toBeGreaterThan(0)
    }),
  )
})
