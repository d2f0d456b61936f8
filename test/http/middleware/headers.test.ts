import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const allowedOrigin = "https://chat.example.com"

layer(Server.layer({ CORS_ORIGINS: `${allowedOrigin},http://localhost:5173` }))("Response headers", (it) => {
  it.live("includes the security headers and a request id for every status", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const chat = yield* app.newChat(user)
      const options = { token: user.token }
      const responses = yield* Effect.all([
        app.request("GET", "/api/health"),
        app.request("GET", "/api/chats", options),
        app.request("GET", app.streamPath(chat, "hi"), options),
        app.request("GET", "/api/chats"),
        app.request("GET", "/api/chats/nothing", options),
        app.request("GET", "/nothing"),
        app.request("DELETE", "/api/chats"),
        app.request("OPTIONS", "/api/chats"),
        app.request("HEAD", "/api/health"),
        app.request("POST", "/api/chats", {
          ...options,
          raw: "{",
          headers: { "content-type": "application/json" },
        }),
        app.request("POST", "/api/chats", {
          ...options,
          raw: "x".repeat(1_048_577),
          headers: { "content-type": "application/json" },
        }),
      ])
      expect(responses.map(({ status }) => status)).toEqual([
        200, 200, 200, 401, 404, 404, 405, 204, 200, 400, 413,
      ])
      for (const { headers } of responses) {
        expect(headers.toJSON()).toMatchObject({
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
          "x-xss-protection": "1; mode=block",
          "strict-transport-security": "max-age=31536000; includeSubDomains",
          "content-security-policy": "default-src 'self'",
          "x-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
          vary: "Origin",
        })
      }
    }),
  )

  it.live("repeats the request id of the client if it is safe to log", () =>
    Effect.gen(function* () {
      const app = yield* App
      const withRequestId = (id: string) =>
        app.request("GET", "/nothing", { headers: { "x-request-id": id } })
      const valid = yield* withRequestId("my-request.0001")
      expect([valid.headers.get("x-request-id"), valid.at("requestId")]).toEqual([
        "my-request.0001",
        "my-request.0001",
      ])
      for (const id of [
        "short",
        "has space in it",
        "x".repeat(129),
        "<script>alert(1)</script>",
        "a\tb\tc\td\te",
      ]) {
        const response = yield* withRequestId(id)
        expect(response.at("requestId")).toMatch(/^[0-9a-f-]{36}$/)
        expect(response.headers.get("x-request-id")).toBe(response.at("requestId"))
      }
    }),
  )

  it.live("allows pages of allowed origins, and no others, to read responses and errors", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const path of ["/api/health", "/api/chats", "/nothing"]) {
        const allowed = yield* app.request("GET", path, { headers: { origin: allowedOrigin } })
        expect(allowed.headers.get("access-control-allow-origin")).toBe(allowedOrigin)
        expect(allowed.headers.get("access-control-allow-credentials")).toBe("true")
        for (const name of [
          "X-Request-Id",
          "X-Generation-Id",
          "Retry-After",
          "X-RateLimit-Limit",
          "X-RateLimit-Remaining",
          "X-RateLimit-Reset",
          "Deprecation",
          "Sunset",
          "Link",
        ]) {
          expect(allowed.headers.get("access-control-expose-headers")).toContain(name)
        }
        for (const origin of ["https://evil.example", "null", `${allowedOrigin}.evil.example`]) {
          const disallowed = yield* app.request("GET", path, { headers: { origin } })
          expect([origin, disallowed.headers.get("access-control-allow-origin")]).toEqual([origin, null])
        }
      }
    }),
  )

  it.live("answers a preflight request with the allowed methods and headers", () =>
    Effect.gen(function* () {
      const app = yield* App
      const headers = {
        origin: allowedOrigin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      }
      const response = yield* app.request("OPTIONS", "/api/chats", { headers })
      expect(response.status).toBe(204)
      expect(response.headers.toJSON()).toMatchObject({
        "access-control-allow-origin": allowedOrigin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST, GET, HEAD, OPTIONS",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "7200",
      })
      const disallowed = yield* app.request("OPTIONS", "/api/chats", {
        headers: { ...headers, origin: "https://evil.example" },
      })
      expect(disallowed.headers.get("access-control-allow-origin")).toBeNull()
    }),
  )

  it.live("answers every preflight request, so that a page sees why its request fails", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const [method, path, status] of [
        ["POST", "/nothing/here", 404],
        ["DELETE", "/v1/nothing", 404],
        ["DELETE", "/api/chats", 405],
      ] as const) {
        const headers = { origin: allowedOrigin, "access-control-request-method": method }
        const preflight = yield* app.request("OPTIONS", path, { headers })
        expect([path, preflight.status]).toEqual([path, 204])
        expect(preflight.headers.get("access-control-allow-origin")).toBe(allowedOrigin)
        expect(preflight.headers.get("access-control-allow-methods")?.split(", ")).toContain(method)
        expect(preflight.headers.get("allow")?.split(", ")).not.toContain(method)
        const response = yield* app.request(method, path, { headers: { origin: allowedOrigin } })
        expect([path, response.status]).toEqual([path, status])
        expect(response.headers.get("access-control-allow-origin")).toBe(allowedOrigin)
      }
    }),
  )
})
