import { Effect, Queue } from "effect"

type Message = string | ArrayBuffer

/** Connects a WebSocket without a client library, to send protocol packets directly. */
export const connectRawWebSocket = (url: string) =>
  Effect.gen(function* () {
    const messages = yield* Queue.unbounded<Message>()
    const closed = Promise.withResolvers<CloseEvent>()
    const opened = Promise.withResolvers<void>()
    const ws = yield* Effect.acquireRelease(
      Effect.sync(() => new WebSocket(url)),
      (ws) => Effect.sync(() => ws.close()),
    )
    ws.binaryType = "arraybuffer"
    ws.addEventListener("open", () => opened.resolve())
    ws.addEventListener("message", ({ data }) => Queue.unsafeOffer(messages, data))
    ws.addEventListener("close", (event) => closed.resolve(event))
    return {
      send: (...messages: ReadonlyArray<string | Uint8Array<ArrayBuffer>>) => {
        for (const message of messages) ws.send(message)
      },
      opened: Effect.promise(() => opened.promise),
      /** Waits for the next message. */
      next: Queue.take(messages),
      /** Waits for the close event. */
      closed: Effect.promise(() => closed.promise),
    }
  })

/** Connects and receives the Engine.IO handshake. */
export const openSession = (url: string) => Effect.tap(connectRawWebSocket(url), ({ next }) => next)

/** Connects and joins the main Socket.IO namespace. */
export const joinNamespace = (url: string) =>
  Effect.gen(function* () {
    const session = yield* openSession(url)
    session.send("40")
    yield* session.next
    yield* session.next
    return session
  })
