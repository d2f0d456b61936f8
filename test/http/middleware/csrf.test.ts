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
  [{ origin: "https://parley.example.com" }, true],
  [{ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }, true],
  [{ origin: own }, false],
  [{ origin: "http://parley.example.com" }, false],
  [{ origin: "https://parley.example.com:444" }, false],
  [{ origin: friend, "sec-fetch-site": "cross-site" }, true],
  [{ origin: "http://localhost:5173" }, true],
  [{ referer: "https://parley.example.com/chat?x=1" }, true],
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
          const written = yield* app.request("PATCH", "/api/auth/me", {
            cookie,
            headers,
            body: { fullName: "Jane" },
          })
          expect([headers, written.status]).toEqual([headers, trusted ? 200 : 403])
          const streamed = yield* app.request("GET", app.streamPath(chat, "hi"), { cookie, headers })
          expect([headers, streamed.status]).toEqual([headers, trusted ? 200 : 403])
          if (!trusted) {
            expect(streamed.at("code")).toBe("FOREIGN_ORIGIN")
            expectRefusal({ name: "ChatGuide" }, streamed)
          }
          const read = yield* app.request("GET", "/api/chats", { cookie, headers })
          expect([headers, read.status]).toEqual([headers, 200])
          const byToken = yield* app.request("PATCH", "/api/auth/me", {
            ...held,
            headers,
            body: { fullName: "Jane" },
          })
          expect([headers, byToken.status]).toEqual([headers, 200])
        }
        const trusted = origins(app.url).filter(([, is]) => is).length
        const messages = yield* app.request("GET", `/api/chats/${chat}/messages`, held)
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
        const answer = yield* app.request(operation.method, path + query, {
          cookie: person.cookie,
          body,
          headers,
        })
        expect([operation.name, answer.status]).toEqual([operation.name, 403])
        expectRefusal(contract, answer)
      }
    }),
  )

  it.live("writes by a GET only for scripts: not by a link, wherever it is, nor by a picture", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const chat = yield* app.newChat(person)
      for (const site of ["none", "same-origin"]) {
        for (const mode of ["navigate", "no-cors"]) {
          const answer = yield* app.request("GET", app.streamPath(chat, "hi"), {
            cookie: person.cookie,
            headers: { "sec-fetch-site": site, "sec-fetch-mode": mode },
          })
          expect([site, mode, answer.status]).toEqual([site, mode, 403])
        }
      }
      const messages = yield* app.request("GET", `/api/chats/${chat}/messages`, { token: person.token })
      expect(messages.json).toMatchObject({ data: { total: 0 } })
    }),
  )

  it.live("is for https alone when that is where the server is reached", () =>
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

/** Which of these origins may write with a cookie, and read what is answered. */
const tried = (origins: ReadonlyArray<string>) =>
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

const usual = "http://localhost:3000"

layer(Server.layer())("A server that does not know its address", (it) => {
  it.live("takes pages from the host that they ask for its own, and the usual one for a friend", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const behindTls = url.replace("http:", "https:")
      expect(yield* tried([url, behindTls, usual, "http://localhost:3001"])).toEqual([
        [url, 200, null],
        [behindTls, 200, null],
        [usual, 200, usual],
        ["http://localhost:3001", 403, null],
      ])
    }),
  )
})

layer(Server.layer({ PUBLIC_URL: "https://parley.example.com" }))("A server that knows its address", (it) => {
  it.live("takes no other page for its own, and has no friends but those it is told of", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      expect(yield* tried(["https://parley.example.com", url, usual])).toEqual([
        ["https://parley.example.com", 200, null],
        [url, 403, null],
        [usual, 403, null],
      ])
    }),
  )
})

layer(Server.layer({ CORS_ORIGINS: "*" }))("A server that is open to every origin", (it) => {
  it.live("lets every page read, but none write with a cookie", () =>
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
