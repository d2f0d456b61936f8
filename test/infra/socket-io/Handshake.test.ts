import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { wire } from "./rawClient"
import { ask, servingEngine } from "./testServer"

// The protocol's own cases, "handshake" and "close", with what the reference server answers.

const refused = (code: number, message: string) => ({ status: 400, text: JSON.stringify({ code, message }) })

it.live("opens a session on long-polling", () =>
  Effect.gen(function* () {
    const { polling } = yield* servingEngine({ pingInterval: 300, pingTimeout: 200 })
    const { status, text, headers } = yield* ask(polling())
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

it.live("opens a session on a websocket", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingEngine({ pingInterval: 300, pingTimeout: 200 })
    const text = String(yield* (yield* wire(websocket())).next)
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

it.live("refuses another version, transport or method on long-polling", () =>
  Effect.gen(function* () {
    const { url, polling } = yield* servingEngine()
    const version = refused(5, "Unsupported protocol version")
    expect(yield* ask(url("transport=polling"))).toMatchObject(version)
    expect(yield* ask(url("EIO=abc&transport=polling"))).toMatchObject(version)
    expect(yield* ask(url("EIO=3&transport=polling"))).toMatchObject(version)
    const transport = refused(0, "Transport unknown")
    expect(yield* ask(url("EIO=4"))).toMatchObject(transport)
    expect(yield* ask(url("EIO=4&transport=abc"))).toMatchObject(transport)
    expect(yield* ask(url("EIO=4&transport=webtransport"))).toMatchObject(transport)
    const method = refused(2, "Bad handshake method")
    for (const name of ["POST", "PUT", "DELETE", "PATCH"])
      expect(yield* ask(polling(), { method: name })).toMatchObject(method)
    expect(yield* ask(url("EIO=4&transport=websocket"))).toMatchObject(refused(3, "Bad request"))
    const { headers } = yield* ask(url("EIO=4"))
    expect(headers.get("content-type")).toBe("application/json")
  }),
)

it.live("refuses another version or transport on a websocket", () =>
  Effect.gen(function* () {
    const { url, engine } = yield* servingEngine()
    const queries = ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]
    for (const query of queries) {
      const { closed } = yield* wire(url(query).replace("http", "ws"))
      expect((yield* closed).wasClean).toBe(false)
    }
    expect(engine.clientsCount).toBe(0)
  }),
)

it.live("says why it refuses a websocket, in a sentence, as the reference server does", () =>
  Effect.gen(function* () {
    const { url, websocket } = yield* servingEngine()
    const upgrade = {
      headers: {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    }
    const answer = (query: string) => ask(url(query), upgrade)
    expect(yield* answer("EIO=4")).toMatchObject({ status: 400, text: "Transport unknown" })
    expect(yield* answer("EIO=3&transport=websocket")).toMatchObject({ text: "Unsupported protocol version" })
    const unknown = yield* answer("EIO=4&transport=websocket&sid=unknown")
    expect(unknown).toMatchObject({ status: 400, text: "Session ID unknown" })
    expect(unknown.headers.get("content-type")).toBe("text/html")
    const keyless = { headers: { connection: "upgrade", upgrade: "websocket" } }
    const plain = websocket().replace("ws:", "http:")
    expect(yield* ask(plain, keyless)).toMatchObject({ status: 400, text: "Bad request" })
  }),
)

it.live("lets a websocket in on long-polling's name only to show it out", () =>
  Effect.gen(function* () {
    const { polling, engine } = yield* servingEngine()
    const { opened, closed } = yield* wire(polling().replace("http", "ws"))
    yield* opened
    yield* closed
    expect(engine.clientsCount).toBe(0)
  }),
)

it.live("answers under its own path only, with and without the last slash", () =>
  Effect.gen(function* () {
    const { port, engine } = yield* servingEngine()
    const at = (path: string) => ask(`http://127.0.0.1:${port}${path}?EIO=4&transport=polling`)
    for (const path of ["/engine.io", "/engine.io/"]) expect((yield* at(path)).status).toBe(200)
    for (const path of ["/engine.iox", "/engine.io/x", "/x/engine.io/", "/"])
      expect((yield* at(path)).text).toBe("the app")
    expect(engine.clientsCount).toBe(2)
  }),
)

it.live("gives every answer the headers of its host, and answers browsers that ask beforehand", () =>
  Effect.gen(function* () {
    const { url, polling } = yield* servingEngine()
    const origin = { origin: "https://chat.example.com" }
    for (const { headers } of [
      yield* ask(polling(), { headers: origin }),
      yield* ask(url("EIO=4"), { headers: origin }),
      yield* ask(polling(), { method: "OPTIONS", headers: origin }),
    ])
      expect(headers.get("x-asked-by")).toBe("https://chat.example.com")
    const preflight = yield* ask(polling(), {
      method: "OPTIONS",
      headers: { ...origin, "access-control-request-headers": "x-one, x-two" },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, POST")
    expect(preflight.headers.get("access-control-allow-headers")).toBe("x-one, x-two")
  }),
)
