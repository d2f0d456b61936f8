import { Effect } from "effect"
import { io, type Socket } from "socket.io-client"
import { App } from "../../support/App"

/** An event as a client heard it, with its one object. */
type Heard = readonly [event: string, payload: Record<string, unknown>]

class Listener {
  readonly heard: Array<Heard> = []
  private waiting: Array<() => void> = []

  constructor(readonly socket: Socket) {
    socket.onAny((event: string, payload: Record<string, unknown>) => {
      this.heard.push([event, payload])
      for (const wake of this.waiting.splice(0)) wake()
    })
  }

  /** Waits until it has heard so many events of this name; gives the last one's payload. */
  readonly until = (event: string, count = 1): Effect.Effect<Record<string, unknown>> =>
    Effect.suspend(() => {
      const found = this.heard.filter(([name]) => name === event)
      const last = found[count - 1]
      if (last !== undefined) return Effect.succeed(last[1])
      const more = Effect.async<void>((resume) => {
        this.waiting.push(() => resume(Effect.void))
      })
      return Effect.zipRight(more, this.until(event, count))
    })

  /** The names of what it heard, without `authenticated`, pieces of one answer counted as one. */
  get names(): ReadonlyArray<string> {
    const names = this.heard.map(([name]) => name).filter((name) => name !== "authenticated")
    return names.filter((name, at) => name !== "message_chunk" || names[at - 1] !== name)
  }

  payloads(event: string) {
    return this.heard.filter(([name]) => name === event).map(([, payload]) => payload)
  }

  /** Says something and waits for what the server calls back with. */
  readonly ask = (event: string, payload: unknown) =>
    Effect.promise(() => this.socket.emitWithAck(event, payload) as Promise<Record<string, unknown>>)
}

type Transport = "websocket" | "polling"

/** Connects with a token, until the scope closes. */
export const connect = (token: unknown, transports: Array<Transport> = ["websocket"]) =>
  Effect.gen(function* () {
    const { url } = yield* App
    const listener = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const socket = io(url, { auth: { token }, transports, forceNew: true, reconnection: false })
        return new Listener(socket)
      }),
      ({ socket }) => Effect.sync(() => socket.disconnect()),
    )
    yield* listener.until("authenticated")
    return listener
  })
