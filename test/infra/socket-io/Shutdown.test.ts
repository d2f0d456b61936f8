import { expect } from "bun:test"
import { Effect, Exit, Fiber, Scope } from "effect"
import { io as connect } from "socket.io-client"
import { it } from "../../support/it"
import { rawClient } from "../bun-http/RawClient"
import { member } from "./rawClient"
import { ask, openPolling, servingSocketIo } from "./testServer"

/** Serves in a scope of its own, which `close` closes. */
const closable = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  const server = yield* Scope.extend(servingSocketIo(), scope)
  return { ...server, close: Effect.forkDaemon(Scope.close(scope, Exit.void)) }
})

it.live("tells every client at its end, on either transport, and does not wait for any", () =>
  Effect.gen(function* () {
    const { port, polling, websocket, io, close } = yield* closable
    const reasons: Array<string> = []
    io.on("connection", (socket) => socket.on("disconnect", (reason) => reasons.push(reason)))
    const socket = yield* member(websocket())
    const sid = yield* openPolling(polling())
    const waiting = yield* rawClient(port)
    waiting.get(`/socket.io/?EIO=4&transport=polling&sid=${sid}`)
    yield* ask(`http://127.0.0.1:${port}/`)
    // One that never polls, with something to be told.
    const silent = yield* openPolling(polling())
    yield* ask(polling(silent), { method: "POST", body: "40" })
    const closing = yield* close
    expect(yield* socket.closed).toMatchObject({ code: 1012, reason: "The server is restarting" })
    yield* waiting.end
    expect(waiting.text).toStartWith("HTTP/1.1 200 ")
    expect(waiting.text).toEndWith("\r\n\r\n1")
    yield* Fiber.join(closing)
    expect(reasons).toEqual(["server shutting down", "server shutting down"])
    expect(io.engine.clientsCount).toBe(0)
  }),
)

for (const transport of ["websocket", "polling"])
  it.live(`leaves the official client on ${transport} trying to come back`, () =>
    Effect.gen(function* () {
      const { origin, close } = yield* closable
      const socket = yield* Effect.acquireRelease(
        Effect.sync(() => connect(origin, { forceNew: true, transports: [transport] })),
        (socket) => Effect.sync(() => socket.disconnect()),
      )
      const heard = (event: string) => new Promise<string>((resolve) => socket.once(event, resolve))
      const welcome = heard("auth")
      const gone = heard("disconnect")
      yield* Effect.promise(() => welcome)
      yield* Fiber.join(yield* close)
      expect(["transport close", "transport error"]).toContain(yield* Effect.promise(() => gone))
      expect(socket.active).toBe(true)
    }),
  )
