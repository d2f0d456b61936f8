import { HttpRouter, HttpServerRequest, HttpServerResponse, type Socket } from "@effect/platform"
import { Deferred, Effect } from "effect"
import { serving } from "./testServer"

/** Serves a websocket at `/`, and tells how its handler ended. */
export const servingSocket = <E>(handle: (socket: Socket.Socket) => Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<void, E>()
    const handler = Effect.gen(function* () {
      const { upgrade } = yield* HttpServerRequest.HttpServerRequest
      yield* Deferred.complete(ended, handle(yield* upgrade))
      return HttpServerResponse.empty()
    })
    const port = yield* serving(HttpRouter.empty.pipe(HttpRouter.get("/", handler)))
    return { port, ended: Effect.exit(Deferred.await(ended)) }
  })

export const echo = (socket: Socket.Socket) =>
  Effect.scoped(Effect.flatMap(socket.writer, (write) => socket.runRaw(write)))

/** A real client, and what it hears. */
export const client = (port: number, protocols?: Array<string>) =>
  Effect.acquireRelease(
    Effect.async<{
      ws: WebSocket
      heard: Array<unknown>
      closed: Promise<CloseEvent>
      next: () => Promise<unknown>
    }>((resume) => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/`, protocols)
      ws.binaryType = "arraybuffer"
      const heard: Array<unknown> = []
      const closed = new Promise<CloseEvent>((resolve) => ws.addEventListener("close", resolve))
      const next = () =>
        new Promise<unknown>((resolve) =>
          ws.addEventListener("message", ({ data }) => resolve(data), { once: true }),
        )
      ws.addEventListener("message", ({ data }) => heard.push(data))
      ws.addEventListener("open", () => resume(Effect.succeed({ ws, heard, closed, next })))
    }),
    ({ ws }) => Effect.sync(() => ws.close()),
  )
