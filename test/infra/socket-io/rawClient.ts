import { Effect, Queue } from "effect"

type Heard = string | ArrayBuffer

/** A websocket that speaks the protocols byte by byte, as no client library would. */
export const wire = (url: string) =>
  Effect.gen(function* () {
    const heard = yield* Queue.unbounded<Heard>()
    const ended = Promise.withResolvers<CloseEvent>()
    const opened = Promise.withResolvers<void>()
    const ws = yield* Effect.acquireRelease(
      Effect.sync(() => new WebSocket(url)),
      (ws) => Effect.sync(() => ws.close()),
    )
    ws.binaryType = "arraybuffer"
    ws.addEventListener("open", () => opened.resolve())
    ws.addEventListener("message", ({ data }) => Queue.unsafeOffer(heard, data))
    ws.addEventListener("close", (event) => ended.resolve(event))
    return {
      send: (...messages: ReadonlyArray<string | Uint8Array<ArrayBuffer>>) => {
        for (const message of messages) ws.send(message)
      },
      opened: Effect.promise(() => opened.promise),
      /** The next message. */
      next: Queue.take(heard),
      /** Ends when the other side has closed. */
      closed: Effect.promise(() => ended.promise),
    }
  })

/** One that has been told its session. */
export const session = (url: string) => Effect.tap(wire(url), ({ next }) => next)

/** One that has come into a namespace of the suite's server. */
export const member = (url: string) =>
  Effect.gen(function* () {
    const own = yield* session(url)
    own.send("40")
    yield* own.next
    yield* own.next
    return own
  })
