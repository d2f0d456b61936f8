import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectRefusal, open, operations, pathOf, sample } from "./operations"

const friend = "https://chat.example.com"
const settings = { CORS_ORIGINS: `${friend},http://localhost:5173`, PUBLIC_URL: "https://parley.example.com" }

/** Where a browser says that a request comes from, and whether a cookie on it may write. */
const origins = (
  own: string,
): ReadonlyArray<readonly [headers: Record<string, string>, trusted: boolean]> => [
  [{}, true],
  [{ "sec-fetch-site": "same-origin" }, true],
  [{ "sec-fetch-site": "none" }, true],
  [{ origin: own, "sec-fetch-site": "same-origin" }, true],
  [{ origin: own }, true],
  [{ origin: "https://parley.example.com" }, true],
  [{ origin: friend, "sec-fetch-site": "cross-site" }, true],
  [{ origin: "http://localhost:5173" }, true],
  [{ referer: `${own}/chat?x=1` }, true],
  [{ referer: `${friend}/deep/link` }, true],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ "sec-fetch-site": "same-site" }, false],
  [{ "sec-fetch-site": "sideways" }, false],
  [{ origin: "https://evil.example" }, false],
  [{ origin: "https://evil.example", "sec-fetch-site": "cross-site" }, false],
  [{ origin: `${friend}.evil.example` }, false],
  [{ origin: "https://chat.example.com:8443" }, false],
  [{ origin: "http://chat.example.com" }, false],
  [{ origin: "null" }, false],
  [{ origin: "", "sec-fetch-site": "cross-site" }, false],
  [{ referer: "https://evil.example/https://chat.example.com" }, false],
  [{ referer: "about:blank" }, false],
  [{ referer: "not a url" }, false],
  [{ origin: "https://evil.example", referer: `${friend}/` }, false],
]

layer(Server.layer(settings))("A session cookie", (it) => {
  it.live(
    "writes only for pages of this server and of the origins that are allowed",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const person = yield* app.newUser()
        const { cookie } = person
        const [chat, held] = [yield* app.newChat(person), { token: person.token }]
        for (const [headers, trusted] of origins(app.url)) {
          const written = yield* app.ask("PATCH", "/api/auth/me", {
            cookie,
            headers,
            body: { fullName: "Jane" },
          })
          expect([headers, written.status]).toEqual([headers, trusted ? 200 : 403])
          const streamed = yield* app.ask("GET", app.streamPath(chat, "hi"), { cookie, headers })
          expect([headers, streamed.status]).toEqual([headers, trusted ? 200 : 403])
          if (!trusted) {
            expect(streamed.at("code")).toBe("FOREIGN_ORIGIN")
            expectRefusal({ name: "ChatGuide" }, streamed)
          }
          const read = yield* app.ask("GET", "/api/chats", { cookie, headers })
          expect([headers, read.status]).toEqual([headers, 200])
          const byToken = yield* app.ask("PATCH", "/api/auth/me", {
            ...held,
            headers,
            body: { fullName: "Jane" },
          })
          expect([headers, byToken.status]).toEqual([headers, 200])
        }
        const trusted = origins(app.url).filter(([, is]) => is).length
        const messages = yield* app.ask("GET", `/api/chats/${chat}/messages`, held)
        expect(messages.json).toMatchObject({ data: { total: trusted * 2 } })
      }),
    { timeout: 20_000 },
  )

  it.live("is refused to a foreign page by every operation that changes something", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const writing = (yield* operations).filter(
        ({ operation }) => operation.writes && !open.has(operation.name),
      )
      expect(writing.map(({ operation }) => operation.name)).toContain("streamMessage")
      for (const { contract, operation } of writing) {
        const path = yield* pathOf(operation, person)
        const { body, query } = sample(operation)
        const headers = { origin: "https://evil.example" }
        const answer = yield* app.ask(operation.method, path + query, {
          cookie: person.cookie,
          body,
          headers,
        })
        expect([operation.name, answer.status]).toEqual([operation.name, 403])
        expectRefusal(contract, answer)
      }
    }),
  )

  it.live("is for https alone when that is where the server is reached", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email, password, token } = yield* app.newUser()
      const login = yield* app.ask("POST", "/api/auth/login", { body: { email, password } })
      expect(login.headers.get("set-cookie")).toMatch(/; Secure(;|$)/)
      const logout = yield* app.ask("POST", "/api/auth/logout", { token })
      expect(logout.headers.get("set-cookie")).toMatch(/^parley_session=; Max-Age=0;.*; Secure(;|$)/)
    }),
  )
})

layer(Server.layer(settings))("An answer", (it) => {
  it.live("has the security headers and a request id, whatever it is", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const chat = yield* app.newChat(person)
      const asked = { token: person.token }
      const answers = yield* Effect.all([
        app.ask("GET", "/api/health"),
        app.ask("GET", "/api/chats", asked),
        app.ask("GET", app.streamPath(chat, "hi"), asked),
        app.ask("GET", "/api/chats"),
        app.ask("GET", "/api/chats/nothing", asked),
        app.ask("GET", "/nothing"),
        app.ask("DELETE", "/api/chats"),
        app.ask("OPTIONS", "/api/chats"),
        app.ask("HEAD", "/api/health"),
        app.ask("POST", "/api/chats", {
          ...asked,
          raw: "{",
          headers: { "content-type": "application/json" },
        }),
        app.ask("POST", "/api/chats", {
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
      const named = (id: string) => app.ask("GET", "/nothing", { headers: { "x-request-id": id } })
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
        const allowed = yield* app.ask("GET", path, { headers: { origin: friend } })
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
          const refused = yield* app.ask("GET", path, { headers: { origin } })
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
      const answer = yield* app.ask("OPTIONS", "/api/chats", { headers })
      expect(answer.status).toBe(204)
      expect(answer.headers.toJSON()).toMatchObject({
        "access-control-allow-origin": friend,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "POST, GET, HEAD, OPTIONS",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-max-age": "7200",
      })
      const foreign = yield* app.ask("OPTIONS", "/api/chats", {
        headers: { ...headers, origin: "https://evil.example" },
      })
      expect(foreign.headers.get("access-control-allow-origin")).toBeNull()
    }),
  )
})

layer(Server.layer({ CORS_ORIGINS: "*" }))("A server that is open to every origin", (it) => {
  it.live("lets every page read, but none write with a cookie", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { cookie } = yield* app.newUser()
      const headers = { origin: "https://any.example" }
      const read = yield* app.ask("GET", "/api/health", { headers })
      expect(read.headers.get("access-control-allow-origin")).toBe("*")
      expect(read.headers.get("access-control-allow-credentials")).toBeNull()
      const written = yield* app.ask("PATCH", "/api/auth/me", { cookie, headers, body: { fullName: "Jane" } })
      expect(written.status).toBe(403)
    }),
  )
})
