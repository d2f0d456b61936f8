import { Socket } from "@effect/platform"
import type { ServerWebSocket } from "bun"
import { Deferred, Effect, FiberId, FiberSet } from "effect"
import type { Peer } from "./WebSocketHandler"

type Message = string | Uint8Array
type Handler<E, R> = (message: Message) => Effect.Effect<unknown, E, R> | undefined

/** How many messages of one peer may be in hand at once; then it is not read from until some are done. */
const inHandAtMost = 64

/** The largest message taken from a peer, in bytes. */
export const maxMessageSize = 1024 * 1024

/** The close code of a peer that has sent too large a message. */
const tooLarge = 1009

const encoder = new TextEncoder()

/** A websocket as @effect/platform's Socket: what is written waits until the reader keeps up. */
export class SocketPeer implements Peer {
  private ws: ServerWebSocket<Peer> | undefined
  private readonly opening = Effect.unsafeMakeLatch(false)
  private readonly writable = Effect.unsafeMakeLatch(true)
  private stalled = false
  private readonly ending = Deferred.unsafeMake<void, Socket.SocketError>(FiberId.none)
  private end: Socket.SocketCloseError | undefined
  private early: Array<Message> = []
  private deliver = (message: Message): void => {
    this.early.push(message)
  }

  /** Ends when the handshake is done. */
  readonly ready = this.opening.await

  opened(ws: ServerWebSocket<Peer>): void {
    this.ws = ws
    // Nobody listens yet: what the other side sends is left with it.
    ws.pause()
    this.opening.unsafeOpen()
  }

  received(message: Message): void {
    if (Buffer.byteLength(message) > maxMessageSize) this.close(tooLarge)
    else this.deliver(message)
  }

  drained(): void {
    if (this.ws === undefined || this.ws.getBufferedAmount() > 0) return
    this.stalled = false
    this.writable.unsafeOpen()
  }

  closed(code: number, closeReason: string): void {
    this.end = new Socket.SocketCloseError({ reason: "Close", code, closeReason })
    Deferred.unsafeDone(
      this.ending,
      Socket.defaultCloseCodeIsError(code) ? Effect.fail(this.end) : Effect.void,
    )
    this.opening.unsafeOpen()
    this.writable.unsafeOpen()
  }

  close(code: number): void {
    if (this.end === undefined) this.ws?.close(code)
  }

  private readonly write = (chunk: Message | Socket.CloseEvent): Effect.Effect<void, Socket.SocketError> =>
    Effect.suspend(() => {
      const { ws } = this
      if (ws === undefined || ws.readyState !== WebSocket.OPEN) return this.closedError
      if (Socket.isCloseEvent(chunk)) {
        ws.close(chunk.code, chunk.reason)
        return Effect.void
      }
      if (this.stalled) return Effect.zipRight(this.writable.await, this.write(chunk))
      const sent = ws.send(chunk)
      if (sent > 0 || chunk.length === 0) return Effect.void
      this.stalled = true
      this.writable.unsafeClose()
      // Kept and to be sent, or not even kept: then there is too much before it.
      return Effect.zipRight(this.writable.await, sent === -1 ? this.stillOpen : this.write(chunk))
    })

  private readonly closedError = Effect.suspend(
    () => this.end ?? new Socket.SocketCloseError({ reason: "Close", code: 1006 }),
  )

  private readonly stillOpen = Effect.suspend(() => (this.end === undefined ? Effect.void : this.end))

  private listen<E, R>(handler: Handler<E, R>, onOpen: Effect.Effect<void> = Effect.void) {
    return Effect.gen(this, function* () {
      const handling = yield* FiberSet.make<unknown, E>()
      const run = yield* FiberSet.runtime(handling)<R>()
      let inHand = 0
      const done = () => {
        inHand--
        if (inHand < inHandAtMost) this.ws?.resume()
      }
      this.deliver = (message) => {
        const effect = handler(message)
        if (effect === undefined) return
        inHand++
        run(effect).addObserver(done)
        if (inHand >= inHandAtMost) this.ws?.pause()
      }
      const early = this.early
      this.early = []
      yield* onOpen
      for (const message of early) this.deliver(message)
      if (inHand < inHandAtMost) this.ws?.resume()
      return yield* Effect.raceFirst(Deferred.await(this.ending), FiberSet.join(handling))
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
