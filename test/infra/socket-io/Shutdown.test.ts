import { expect } from "bun:test"
import { Effect, Exit, Fiber, Scope } from "effect"
import { io as connect } from "socket.io-client"
import { it } from "../../support/it"
import { connectTcp } from "../bun-http/RawClient"
import { joinNamespace } from "./rawClient"
import { openPolling, request, serveSocketIo } from "./testServer"

/** Serves in a separate scope, which `close` closes. */
const serveClosable = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  const server = yield* Scope.extend(serveSocketIo(), scope)
  return { ...server, close: Effect.forkDaemon(Scope.close(scope, Exit.void)) }
})

it.live("notifies every client on either transport at shutdown, without waiting for any", () =>
  Effect.gen(function* () {
    const { port, polling, websocket, io, close } = yield* serveClosable
    const reasons: Array<string> = []
    io.on("connection", (socket) => socket.on("disconnect", (reason) => reasons.push(reason)))
    const socket = yield* joinNamespace(websocket())
    const sid = yield* openPolling(polling())
    const waiting = yield* connectTcp(port)
    waiting.get(`/socket.io/?EIO=4&transport=polling&sid=${sid}`)
    yield* request(`http://127.0.0.1:${port}/`)
    // A session that never polls, with a packet pending.
    const idleSession = yield* openPolling(polling())
    yield* request(polling(idleSession), { method: "POST", body: "40" })
    const closing = yield* close
    expect(yield* socket.closed).toMatchObject({ code: 1012, reason: "The server is restarting" })
    yield* waiting.awaitClose
    expect(waiting.text).toStartWith("HTTP/1.1 200 ")
    expect(waiting.text).toEndWith("\r\n\r\n1")
    yield* Fiber.join(closing)
    expect(reasons).toEqual(["server shutting down", "server shutting down"])
    expect(io.engine.clientsCount).toBe(0)
  }),
)

for (const transport of ["websocket", "polling"])
  it.live(`lets the official client on ${transport} reconnect after a shutdown`, () =>
    Effect.gen(function* () {
      const { origin, close } = yield* serveClosable
      const socket = yield* Effect.acquireRelease(
        Effect.sync(() => connect(origin, { forceNew: true, transports: [transport] })),
        (socket) => Effect.sync(() => socket.disconnect()),
      )
      const nextEvent = (event: string) => new Promise<string>((resolve) => socket.once(event, resolve))
      const authenticated = nextEvent("auth")
      const disconnected = nextEvent("disconnect")
      yield* Effect.promise(() => authenticated)
      yield* Fiber.join(yield* close)
      expect(["transport close", "transport error"]).toContain(yield* Effect.promise(() => disconnected))
      expect(socket.active).toBe(true)
    }),
  )
