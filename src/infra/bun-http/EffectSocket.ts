import { Socket } from "@effect/platform"
import type { ServerWebSocket } from "bun"
import { Deferred, Effect, FiberId, FiberSet } from "effect"
import type { WebSocketHandler } from "./WebSocketHandler"

type Message = string | Uint8Array
type Handler<E, R> = (message: Message) => Effect.Effect<unknown, E, R> | undefined

/** Messages of one client handled concurrently; at the limit, reading pauses until one is done. */
const maxInFlight = 64

/** The largest accepted message in bytes. */
export const maxMessageSize = 1024 * 1024

/** Close code 1009 (RFC 6455): the client sent a message over the limit. */
const WS_MESSAGE_TOO_BIG = 1009

const encoder = new TextEncoder()

/** Adapts a Bun WebSocket to @effect/platform's Socket. Writes wait while the client reads too slowly. */
export class EffectSocket implements WebSocketHandler {
  private ws: ServerWebSocket<WebSocketHandler> | undefined
  private readonly handshake = Effect.unsafeMakeLatch(false)
  private readonly writable = Effect.unsafeMakeLatch(true)
  private backpressured = false
  private readonly closed = Deferred.unsafeMake<void, Socket.SocketError>(FiberId.none)
  private closeError: Socket.SocketCloseError | undefined
  private backlog: Array<Message> = []
  private dispatch = (message: Message): void => {
    this.backlog.push(message)
  }

  /** Completes when the handshake is done, or the connection is closed. */
  readonly ready = this.handshake.await

  onOpen(ws: ServerWebSocket<WebSocketHandler>): void {
    this.ws = ws
    // No listener yet: leave the client's messages in its own buffers.
    ws.pause()
    this.handshake.unsafeOpen()
  }

  onMessage(message: Message): void {
    if (Buffer.byteLength(message) > maxMessageSize) this.close(WS_MESSAGE_TOO_BIG)
    else this.dispatch(message)
  }

  onDrain(): void {
    if (this.ws === undefined || this.ws.getBufferedAmount() > 0) return
    this.backpressured = false
    this.writable.unsafeOpen()
  }

  onClose(code: number, closeReason: string): void {
    this.closeError = new Socket.SocketCloseError({ reason: "Close", code, closeReason })
    Deferred.unsafeDone(
      this.closed,
      Socket.defaultCloseCodeIsError(code) ? Effect.fail(this.closeError) : Effect.void,
    )
    this.handshake.unsafeOpen()
    this.writable.unsafeOpen()
  }

  close(code: number): void {
    if (this.closeError === undefined) this.ws?.close(code)
  }

  private readonly write = (chunk: Message | Socket.CloseEvent): Effect.Effect<void, Socket.SocketError> =>
    Effect.suspend(() => {
      const { ws } = this
      if (ws === undefined || ws.readyState !== WebSocket.OPEN) return this.failClosed
      if (Socket.isCloseEvent(chunk)) {
        ws.close(chunk.code, chunk.reason)
        return Effect.void
      }
      if (this.backpressured) return Effect.zipRight(this.writable.await, this.write(chunk))
      const sent = ws.send(chunk)
      if (sent > 0 || chunk.length === 0) return Effect.void
      this.backpressured = true
      this.writable.unsafeClose()
      // -1: queued by Bun under backpressure. 0: dropped because the queue is full, so write it again.
      return Effect.zipRight(this.writable.await, sent === -1 ? this.failIfClosed : this.write(chunk))
    })

  private readonly failClosed = Effect.suspend(
    () => this.closeError ?? new Socket.SocketCloseError({ reason: "Close", code: 1006 }),
  )

  private readonly failIfClosed = Effect.suspend(() =>
    this.closeError === undefined ? Effect.void : this.closeError,
  )

  private listen<E, R>(handler: Handler<E, R>, onOpen: Effect.Effect<void> = Effect.void) {
    return Effect.gen(this, function* () {
      const handlers = yield* FiberSet.make<unknown, E>()
      const run = yield* FiberSet.runtime(handlers)<R>()
      let inFlight = 0
      const done = () => {
        inFlight--
        if (inFlight < maxInFlight) this.ws?.resume()
      }
      this.dispatch = (message) => {
        const effect = handler(message)
        if (effect === undefined) return
        inFlight++
        run(effect).addObserver(done)
        if (inFlight >= maxInFlight) this.ws?.pause()
      }
      const backlog = this.backlog
      this.backlog = []
      yield* onOpen
      for (const message of backlog) this.dispatch(message)
      if (inFlight < maxInFlight) this.ws?.resume()
      return yield* Effect.raceFirst(Deferred.await(this.closed), FiberSet.join(handlers))
    }).pipe(
      Effect.scoped,
      Effect.interruptible,
      Effect.onExit((exit) => Effect.sync(() => this.close(exit._tag === "Success" ? 1000 : 1011))),
    )
  }

  readonly socket: Socket.Socket = Socket.Socket.of({
    [Socket.TypeId]: Socket.TypeId,
    writer: Effect.succeed(this.write),
    runRaw: (handler, options) =>
      this.listen((message) => {
        const effect = handler(message)
        return Effect.isEffect(effect) ? effect : undefined
      }, options?.onOpen),
    run: (handler, options) =>
      this.listen((message) => {
        const effect = handler(typeof message === "string" ? encoder.encode(message) : message)
        return Effect.isEffect(effect) ? effect : undefined
      }, options?.onOpen),
  })
}
