import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const friend = "https://chat.example.com"

layer(Server.layer({ CORS_ORIGINS: `${friend},http://localhost:5173` }))("An answer", (it) => {
  it.live("has the security headers and a request id, whatever it is", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const chat = yield* app.newChat(person)
      const asked = { token: person.token }
      const answers = yield* Effect.all([
        app.request("GET", "/api/health"),
        app.request("GET", "/api/chats", asked),
        app.request("GET", app.streamPath(chat, "hi"), asked),
        app.request("GET", "/api/chats"),
        app.request("GET", "/api/chats/nothing", asked),
        app.request("GET", "/nothing"),
        app.request("DELETE", "/api/chats"),
        app.request("OPTIONS", "/api/chats"),
        app.request("HEAD", "/api/health"),
        app.request("POST", "/api/chats", {
          ...asked,
          raw: "{",
          headers: { "content-type": "application/json" },
        }),
        app.request("POST", "/api/chats", {
          ...asked,
          raw: "x".repeat(1_048_577),
          headers: { "content-type": "application/json" },
        }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([
        200, 200, 200, 401, 404, 404, 405, 204, 200, 400, 413,
      ])
      for (const { headers } of answers) {
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

  it.live("is named as its request was, if that is fit for a log", () =>
    Effect.gen(function* () {
      const app = yield* App
      const named = (id: string) => app.request("GET", "/nothing", { headers: { "x-request-id": id } })
      const own = yield* named("my-request.0001")
      expect([own.headers.get("x-request-id"), own.at("requestId")]).toEqual([
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
        const answer = yield* named(id)
        expect(answer.at("requestId")).toMatch(/^[0-9a-f-]{36}$/)
        expect(answer.headers.get("x-request-id")).toBe(answer.at("requestId"))
      }
    }),
  )

  it.live("may be read by the pages of allowed origins and by no others, errors too", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const path of ["/api/health", "/api/chats", "/nothing"]) {
        const allowed = yield* app.request("GET", path, { headers: { origin: friend } })
        expect(allowed.headers.get("access-control-allow-origin")).toBe(friend)
        expect(allowed.headers.get("access-control-allow-credentials")).toBe("true")
        for (const name of [
          "X-Request-Id",
          "X-Generation-Id",
          "Retry-After",
          "X-RateLimit-Limit",
          "X-RateLimit-Remaining",
          "X-RateLimit-Reset",
        ]) {
          expect(allowed.headers.get("access-control-expose-headers")).toContain(name)
        }
        for (const origin of ["https://evil.example", "null", `${friend}.evil.example`]) {
          const refused = yield* app.request("GET", path, { headers: { origin } })
          expect([origin, refused.headers.get("access-control-allow-origin")]).toEqual([origin, null])
        }
      }
    }),
  )

  it.live("tells a browser beforehand what it may send", () =>
    Effect.gen(function* () {
      const app = yield* App
      const headers = {
        origin: friend,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      }
      const answer = yield* app.request("OPTIONS", "/api/chats", { headers })
      expect(answer.status).toBe(204)
      expect(answer.headers.toJSON()).toMatchObject({
        "access-control-allow-origin": friend,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST, GET, HEAD, OPTIONS",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "7200",
      })
      const foreign = yield* app.request("OPTIONS", "/api/chats", {
        headers: { ...headers, origin: "https://evil.example" },
      })
      expect(foreign.headers.get("access-control-allow-origin")).toBeNull()
    }),
  )
})
