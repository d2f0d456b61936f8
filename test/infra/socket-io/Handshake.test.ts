import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { connectRawWebSocket } from "./rawClient"
import { request, serveEngine } from "./testServer"

// The "handshake" and "close" cases of the protocol's own test suite, with the reference server's responses.

const rejected = (code: number, message: string) => ({ status: 400, text: JSON.stringify({ code, message }) })

it.live("opens a long-polling session", () =>
  Effect.gen(function* () {
    const { polling } = yield* serveEngine({ pingInterval: 300, pingTimeout: 200 })
    const { status, text, headers } = yield* request(polling())
    expect(status).toBe(200)
    expect(headers.get("content-type")).toBe("text/plain; charset=UTF-8")
    expect(headers.get("cache-control")).toBe("no-store")
    expect(text[0]).toBe("0")
    expect(JSON.parse(text.slice(1))).toEqual({
      sid: expect.stringMatching(/^[\w-]{20}$/),
      upgrades: ["websocket"],
      pingInterval: 300,
      pingTimeout: 200,
      maxPayload: 1_000_000,
    })
  }),
)

it.live("opens a WebSocket session", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveEngine({ pingInterval: 300, pingTimeout: 200 })
    const text = String(yield* (yield* connectRawWebSocket(websocket())).next)
    expect(text[0]).toBe("0")
    expect(JSON.parse(text.slice(1))).toEqual({
      sid: expect.stringMatching(/^[\w-]{20}$/),
      upgrades: [],
      pingInterval: 300,
      pingTimeout: 200,
      maxPayload: 1_000_000,
    })
  }),
)

it.live("rejects an unsupported version, transport or method on long-polling", () =>
  Effect.gen(function* () {
    const { url, polling } = yield* serveEngine()
    const version = rejected(5, "Unsupported protocol version")
    expect(yield* request(url("transport=polling"))).toMatchObject(version)
    expect(yield* request(url("EIO=abc&transport=polling"))).toMatchObject(version)
    expect(yield* request(url("EIO=3&transport=polling"))).toMatchObject(version)
    const transport = rejected(0, "Transport unknown")
    expect(yield* request(url("EIO=4"))).toMatchObject(transport)
    expect(yield* request(url("EIO=4&transport=abc"))).toMatchObject(transport)
    expect(yield* request(url("EIO=4&transport=webtransport"))).toMatchObject(transport)
    const method = rejected(2, "Bad handshake method")
    for (const name of ["POST", "PUT", "DELETE", "PATCH"])
      expect(yield* request(polling(), { method: name })).toMatchObject(method)
    expect(yield* request(url("EIO=4&transport=websocket"))).toMatchObject(rejected(3, "Bad request"))
    const { headers } = yield* request(url("EIO=4"))
    expect(headers.get("content-type")).toBe("application/json")
  }),
)

it.live("rejects an unsupported version or transport on a WebSocket", () =>
  Effect.gen(function* () {
    const { url, engine } = yield* serveEngine()
    const queries = ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]
    for (const query of queries) {
      const { closed } = yield* connectRawWebSocket(url(query).replace("http", "ws"))
      expect((yield* closed).wasClean).toBe(false)
    }
    expect(engine.clientsCount).toBe(0)
  }),
)

it.live("rejects a WebSocket handshake with the reference server's message as text", () =>
  Effect.gen(function* () {
    const { url, websocket } = yield* serveEngine()
    const upgrade = {
      headers: {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    }
    const requestUpgrade = (query: string) => request(url(query), upgrade)
    expect(yield* requestUpgrade("EIO=4")).toMatchObject({ status: 400, text: "Transport unknown" })
    expect(yield* requestUpgrade("EIO=3&transport=websocket")).toMatchObject({
      text: "Unsupported protocol version",
    })
    const unknown = yield* requestUpgrade("EIO=4&transport=websocket&sid=unknown")
    expect(unknown).toMatchObject({ status: 400, text: "Session ID unknown" })
    expect(unknown.headers.get("content-type")).toBe("text/html")
    const keyless = { headers: { connection: "upgrade", upgrade: "websocket" } }
    const httpUrl = websocket().replace("ws:", "http:")
    expect(yield* request(httpUrl, keyless)).toMatchObject({ status: 400, text: "Bad request" })
  }),
)

it.live("closes a WebSocket that names the polling transport", () =>
  Effect.gen(function* () {
    const { polling, engine } = yield* serveEngine()
    const { opened, closed } = yield* connectRawWebSocket(polling().replace("http", "ws"))
    yield* opened
    yield* closed
    expect(engine.clientsCount).toBe(0)
  }),
)

it.live("responds only under its own path, with or without a trailing slash", () =>
  Effect.gen(function* () {
    const { port, engine } = yield* serveEngine()
    const requestPath = (path: string) => request(`http://127.0.0.1:${port}${path}?EIO=4&transport=polling`)
    for (const path of ["/engine.io", "/engine.io/"]) expect((yield* requestPath(path)).status).toBe(200)
    for (const path of ["/engine.iox", "/engine.io/x", "/x/engine.io/", "/"])
      expect((yield* requestPath(path)).text).toBe("the app")
    expect(engine.clientsCount).toBe(2)
  }),
)

it.live("adds the configured headers to every response and answers CORS preflights", () =>
  Effect.gen(function* () {
    const { url, polling } = yield* serveEngine()
    const origin = { origin: "https://chat.example.com" }
    for (const { headers } of [
      yield* request(polling(), { headers: origin }),
      yield* request(url("EIO=4"), { headers: origin }),
      yield* request(polling(), { method: "OPTIONS", headers: origin }),
    ])
      expect(headers.get("x-request-origin")).toBe("https://chat.example.com")
    const preflight = yield* request(polling(), {
      method: "OPTIONS",
      headers: { ...origin, "access-control-request-headers": "x-one, x-two" },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, POST")
    expect(preflight.headers.get("access-control-allow-headers")).toBe("x-one, x-two")
  }),
)
