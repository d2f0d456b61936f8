import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectErrorBody, operations, pathOf, publicOperations, sampleOf } from "./operations"

const allowedOrigin = "https://chat.example.com"
const config = {
  CORS_ORIGINS: `${allowedOrigin},http://localhost:5173`,
  PUBLIC_URL: "https://parley.example.com",
}

/** Headers in which browsers state the source of a request, and whether its cookie is accepted for writes. */
const origins = (
  own: string,
): ReadonlyArray<readonly [headers: Record<string, string>, trusted: boolean]> => [
  [{}, true],
  [{ "sec-fetch-site": "same-origin" }, true],
  [{ "sec-fetch-site": "none" }, true],
  [{ origin: own, "sec-fetch-site": "same-origin" }, true],
  [{ origin: "https://parley.example.com" }, true],
  [{ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, true],
  [{ origin: own }, false],
  [{ origin: "http://parley.example.com" }, false],
  [{ origin: "https://parley.example.com:444" }, false],
  [{ origin: allowedOrigin, "sec-fetch-site": "cross-site" }, true],
  [{ origin: "http://localhost:5173" }, true],
  [{ referer: "https://parley.example.com/chat?x=1" }, true],
  [{ referer: `${allowedOrigin}/deep/link` }, true],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ "sec-fetch-site": "same-site" }, false],
  [{ "sec-fetch-site": "sideways" }, false],
  [{ origin: "https://evil.example" }, false],
  [{ origin: "https://evil.example", "sec-fetch-site": "cross-site" }, false],
  [{ origin: `${allowedOrigin}.evil.example` }, false],
  [{ origin: "https://chat.example.com:8443" }, false],
  [{ origin: "http://chat.example.com" }, false],
  [{ origin: "null" }, false],
  [{ origin: "", "sec-fetch-site": "cross-site" }, false],
  [{ referer: "https://evil.example/https://chat.example.com" }, false],
  [{ referer: "about:blank" }, false],
  [{ referer: "not a url" }, false],
  [{ origin: "https://evil.example", referer: `${allowedOrigin}/` }, false],
]

layer(Server.layer(config))("CSRF protection", (it) => {
  it.live(
    "accepts the session cookie for writes only from this server's pages and allowed origins",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { cookie } = user
        const [chat, bearer] = [yield* app.newChat(user), { token: user.token }]
        for (const [headers, trusted] of origins(app.url)) {
          const written = yield* app.request("PATCH", "/api/auth/me", {
            cookie,
            headers,
            body: { fullName: "Jane" },
          })
          expect([headers, written.status]).toEqual([headers, trusted ? 200 : 403])
          const streamed = yield* app.request("GET", app.streamPath(chat, "hi"), { cookie, headers })
          expect([headers, streamed.status]).toEqual([headers, trusted ? 200 : 403])
          if (!trusted) {
            expect(streamed.at("code")).toBe("ORIGIN_NOT_ALLOWED")
            expectErrorBody({ name: "ChatGuide" }, streamed)
          }
          const read = yield* app.request("GET", "/api/chats", { cookie, headers })
          expect([headers, read.status]).toEqual([headers, 200])
          const byToken = yield* app.request("PATCH", "/api/auth/me", {
            ...bearer,
            headers,
            body: { fullName: "Jane" },
          })
          expect([headers, byToken.status]).toEqual([headers, 200])
        }
        const trusted = origins(app.url).filter(([, is]) => is).length
        const messages = yield* app.request("GET", `/api/chats/${chat}/messages`, bearer)
        expect(messages.json).toMatchObject({ data: { total: trusted * 2 } })
      }),
    { timeout: 120_000 },
  )

  it.live("rejects the session cookie from other origins for every write operation", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const writes = (yield* operations).filter(
        ({ operation }) => operation.isWrite && !publicOperations.has(operation.name),
      )
      expect(writes.map(({ operation }) => operation.name)).toContain("streamMessage")
      for (const { contract, operation } of writes) {
        const path = yield* pathOf(operation, user)
        const { encoded } = sampleOf(operation)
        const headers = { origin: "https://evil.example" }
        const response = yield* app.request(operation.method, path, {
          ...encoded,
          cookie: user.cookie,
          headers,
        })
        expect([operation.name, response.status]).toEqual([operation.name, 403])
        expectErrorBody(contract, response)
      }
    }),
  )

  it.live("rejects the session cookie on a writing GET that a link or an image sends", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const chat = yield* app.newChat(user)
      for (const site of ["none", "same-origin"]) {
        for (const mode of ["navigate", "no-cors"]) {
          const response = yield* app.request("GET", app.streamPath(chat, "hi"), {
            cookie: user.cookie,
            headers: { "sec-fetch-site": site, "sec-fetch-mode": mode },
          })
          expect([site, mode, response.status]).toEqual([site, mode, 403])
        }
      }
      const messages = yield* app.request("GET", `/api/chats/${chat}/messages`, { token: user.token })
      expect(messages.json).toMatchObject({ data: { total: 0 } })
    }),
  )

  it.live("marks the session cookie Secure if PUBLIC_URL is https", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email, password, token } = yield* app.newUser()
      const login = yield* app.request("POST", "/api/auth/login", { body: { email, password } })
      expect(login.headers.get("set-cookie")).toMatch(/; Secure(;|$)/)
      const logout = yield* app.request("POST", "/api/auth/logout", { token })
      expect(logout.headers.get("set-cookie")).toMatch(/^parley_session=; Max-Age=0;.*; Secure(;|$)/)
    }),
  )
})

/** Sends a write with a cookie from each origin; returns the status and the allowed origin of the response. */
const writesFrom = (origins: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const app = yield* App
    const { cookie } = yield* app.newUser()
    return yield* Effect.forEach(origins, (origin) =>
      Effect.map(
        app.request("PATCH", "/api/auth/me", { cookie, headers: { origin }, body: { fullName: "Jane" } }),
        ({ status, headers }) => [origin, status, headers.get("access-control-allow-origin")],
      ),
    )
  })

const defaultOrigin = "http://localhost:3000"

layer(Server.layer())("CSRF protection without PUBLIC_URL", (it) => {
  it.live("accepts pages of the requested host and of the browser's own machine", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const behindTls = url.replace("http:", "https:")
      const local = [
        ...[
          url,
          behindTls,
          defaultOrigin,
          "http://localhost:5173",
          "https://localhost",
          "http://app.localhost:8",
        ],
        ...["http://127.0.0.1:4000", "http://127.8.9.10", "http://[::1]:4000"],
      ]
      const other = [
        "http://localhost.evil.example",
        "http://evil.example:3000",
        "http://127.0.0.1.evil.example",
      ]
      const outcomes = yield* writesFrom([...local, ...other, "http://192.168.0.2:3000", "null"])
      expect(outcomes).toEqual([
        ...local.map((origin) => [origin, 200, origin]),
        ...other.map((origin) => [origin, 403, null]),
        ["http://192.168.0.2:3000", 403, null],
        ["null", 403, null],
      ])
    }),
  )
})

layer(Server.layer({ PUBLIC_URL: "https://parley.example.com" }))("CSRF protection with PUBLIC_URL", (it) => {
  it.live("accepts pages of PUBLIC_URL only", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      expect(yield* writesFrom(["https://parley.example.com", url, defaultOrigin])).toEqual([
        ["https://parley.example.com", 200, null],
        [url, 403, null],
        [defaultOrigin, 403, null],
      ])
    }),
  )
})

layer(Server.layer({ CORS_ORIGINS: "*" }))("CORS_ORIGINS=*", (it) => {
  it.live("lets every origin read, and none write with a session cookie", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { cookie } = yield* app.newUser()
      const headers = { origin: "https://any.example" }
      const read = yield* app.request("GET", "/api/health", { headers })
      expect(read.headers.get("access-control-allow-origin")).toBe("*")
      expect(read.headers.get("access-control-allow-credentials")).toBeNull()
      const written = yield* app.request("PATCH", "/api/auth/me", {
        cookie,
        headers,
        body: { fullName: "Jane" },
      })
      expect(written.status).toBe(403)
    }),
  )
})
