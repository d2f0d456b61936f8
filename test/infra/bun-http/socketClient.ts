import { HttpRouter, HttpServerRequest, HttpServerResponse, type Socket } from "@effect/platform"
import { Deferred, Effect } from "effect"
import { serveApp } from "./testServer"

/** Serves a WebSocket at `/`. Returns the port and the exit of its handler. */
export const serveSocket = <E>(handle: (socket: Socket.Socket) => Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<void, E>()
    const handler = Effect.gen(function* () {
      const { upgrade } = yield* HttpServerRequest.HttpServerRequest
      yield* Deferred.complete(ended, handle(yield* upgrade))
      return HttpServerResponse.empty()
    })
    const port = yield* serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", handler)))
    return { port, ended: Effect.exit(Deferred.await(ended)) }
  })

export const echo = (socket: Socket.Socket) =>
  Effect.scoped(Effect.flatMap(socket.writer, (write) => socket.runRaw(write)))

/** Connects a WebSocket client. `next` resolves to the next message, `closed` to the close event. */
export const connectWebSocket = (port: number, protocols?: Array<string>) =>
  Effect.acquireRelease(
    Effect.async<{
      ws: WebSocket
      received: Array<unknown>
      closed: Promise<CloseEvent>
      next: () => Promise<unknown>
    }>((resume) => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/`, protocols)
      ws.binaryType = "arraybuffer"
      const received: Array<unknown> = []
      const closed = new Promise<CloseEvent>((resolve) => ws.addEventListener("close", resolve))
      const next = () =>
        new Promise<unknown>((resolve) =>
          ws.addEventListener("message", ({ data }) => resolve(data), { once: true }),
        )
      ws.addEventListener("message", ({ data }) => received.push(data))
      ws.addEventListener("open", () => resume(Effect.succeed({ ws, received, closed, next })))
    }),
    ({ ws }) => Effect.sync(() => ws.close()),
  )
