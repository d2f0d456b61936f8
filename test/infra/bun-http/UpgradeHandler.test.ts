import { expect } from "bun:test"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Exit, Fiber, Scope } from "effect"
import type { Neighbour } from "../../../src/infra/bun-http/UpgradeHandler"
import type { Peer } from "../../../src/infra/bun-http/WebSocketHandler"
import { it } from "../../support/it"
import { wire } from "../socket-io/rawClient"
import { rawClient } from "./RawClient"
import { echo } from "./socketClient"
import { asking, serving } from "./testServer"

/** Takes what is under `/next`: says its path, or how long a message is. */
const neighbour: Neighbour = {
  maxMessageSize: 4_000_000,
  owns: (path) => path.startsWith("/next"),
  answer: (source, server) => {
    let send: (text: string) => void = () => {}
    const data: Peer = {
      opened: (ws) => {
        send = (text) => ws.send(text)
      },
      received: (message) => send(`${message.length} long`),
      drained: () => {},
      closed: () => {},
    }
    if (server.upgrade(source, { data })) return undefined
    return new Response(`next door, ${new URL(source.url).pathname}`)
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

it.live("shares its port: each has its own requests and websockets", () =>
  Effect.gen(function* () {
    const port = yield* serving(app, { neighbour })
    expect((yield* asking(port, "/")).text).toBe("here")
    expect((yield* asking(port, "/next/door?a")).text).toBe("next door, /next/door")
    const theirs = yield* wire(`ws://127.0.0.1:${port}/next`)
    const ours = yield* wire(`ws://127.0.0.1:${port}/socket`)
    yield* Effect.all([theirs.opened, ours.opened])
    theirs.send("hello")
    ours.send("hello")
    expect(yield* theirs.next).toBe("5 long")
    expect(yield* ours.next).toBe("hello")
  }),
)

it.live("keeps the limits of each kind of websocket", () =>
  Effect.gen(function* () {
    const port = yield* serving(app, { neighbour })
    const theirs = yield* wire(`ws://127.0.0.1:${port}/next`)
    const ours = yield* wire(`ws://127.0.0.1:${port}/socket`)
    yield* Effect.all([theirs.opened, ours.opened])
    const large = "x".repeat(1_048_577)
    theirs.send(large)
    expect(yield* theirs.next).toBe("1048577 long")
    ours.send(large.slice(1))
    expect(yield* ours.next).toBe(large.slice(1))
    ours.send(large)
    expect((yield* ours.closed).code).toBe(1009)
    theirs.send("x".repeat(4_000_001))
    yield* theirs.closed
  }),
)

it.live("gives the neighbour nothing more once the server ends, and closes its websockets too", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const port = yield* Scope.extend(serving(app, { neighbour }), scope)
    const theirs = yield* wire(`ws://127.0.0.1:${port}/next`)
    yield* theirs.opened
    const late = yield* rawClient(port)
    late.send("GET /next HTTP/1.1\r\nHo")
    yield* asking(port, "/")
    const closing = yield* Effect.forkDaemon(Scope.close(scope, Exit.void))
    expect((yield* theirs.closed).code).toBe(1012)
    late.send("st: test\r\n\r\n")
    yield* late.end
    expect(late.text).not.toContain("next door")
    yield* Fiber.join(closing)
  }),
)
