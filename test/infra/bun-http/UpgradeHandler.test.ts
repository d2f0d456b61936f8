import { expect } from "bun:test"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Exit, Fiber, Scope } from "effect"
import type { UpgradeHandler } from "../../../src/infra/bun-http/UpgradeHandler"
import type { WebSocketHandler } from "../../../src/infra/bun-http/WebSocketHandler"
import { it } from "../../support/it"
import { connectRawWebSocket } from "../socket-io/rawClient"
import { connectTcp } from "./RawClient"
import { echo } from "./socketClient"
import { fetchText, serveApp } from "./testServer"

/** Handles paths under `/next`: responds with the path, and to messages with their length. */
const upgradeHandler: UpgradeHandler = {
  maxMessageSize: 4_000_000,
  matches: (path) => path.startsWith("/next"),
  handle: (source, server) => {
    let send: (text: string) => void = () => {}
    const data: WebSocketHandler = {
      onOpen: (ws) => {
        send = (text) => ws.send(text)
      },
      onMessage: (message) => send(`${message.length} long`),
      onDrain: () => {},
      onClose: () => {},
    }
    if (server.upgrade(source, { data })) return undefined
    return new Response(`upgrade handler, ${new URL(source.url).pathname}`)
  },
}

const app = HttpRouter.empty.pipe(
  HttpRouter.get("/", HttpServerResponse.text("here")),
  HttpRouter.get(
    "/socket",
    Effect.gen(function* () {
      const { upgrade } = yield* HttpServerRequest.HttpServerRequest
      yield* echo(yield* upgrade)
      return HttpServerResponse.empty()
    }),
  ),
)

it.live("routes requests and WebSockets on one port to the app or to the upgrade handler", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app, { upgradeHandler })
    expect((yield* fetchText(port, "/")).text).toBe("here")
    expect((yield* fetchText(port, "/next/path?a")).text).toBe("upgrade handler, /next/path")
    const upgradeSocket = yield* connectRawWebSocket(`ws://127.0.0.1:${port}/next`)
    const appSocket = yield* connectRawWebSocket(`ws://127.0.0.1:${port}/socket`)
    yield* Effect.all([upgradeSocket.opened, appSocket.opened])
    upgradeSocket.send("hello")
    appSocket.send("hello")
    expect(yield* upgradeSocket.next).toBe("5 long")
    expect(yield* appSocket.next).toBe("hello")
  }),
)

it.live("enforces the message size limit of each protocol", () =>
  Effect.gen(function* () {
    const port = yield* serveApp(app, { upgradeHandler })
    const upgradeSocket = yield* connectRawWebSocket(`ws://127.0.0.1:${port}/next`)
    const appSocket = yield* connectRawWebSocket(`ws://127.0.0.1:${port}/socket`)
    yield* Effect.all([upgradeSocket.opened, appSocket.opened])
    const large = "x".repeat(1_048_577)
    upgradeSocket.send(large)
    expect(yield* upgradeSocket.next).toBe("1048577 long")
    appSocket.send(large.slice(1))
    expect(yield* appSocket.next).toBe(large.slice(1))
    appSocket.send(large)
    expect((yield* appSocket.closed).code).toBe(1009)
    upgradeSocket.send("x".repeat(4_000_001))
    yield* upgradeSocket.closed
  }),
)

it.live("passes no request to the upgrade handler during shutdown, and closes its WebSockets", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const port = yield* Scope.extend(serveApp(app, { upgradeHandler }), scope)
    const upgradeSocket = yield* connectRawWebSocket(`ws://127.0.0.1:${port}/next`)
    yield* upgradeSocket.opened
    const pendingRequest = yield* connectTcp(port)
    pendingRequest.send("GET /next HTTP/1.1\r\nHo")
    yield* fetchText(port, "/")
    const closing = yield* Effect.forkDaemon(Scope.close(scope, Exit.void))
    expect((yield* upgradeSocket.closed).code).toBe(1012)
    pendingRequest.send("st: test\r\n\r\n")
    yield* pendingRequest.awaitClose
    expect(pendingRequest.text).not.toContain("upgrade handler")
    yield* Fiber.join(closing)
  }),
)
