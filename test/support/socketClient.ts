import { Effect } from "effect"

/** A frame that the server sent. */
export interface Frame {
  readonly type: string
  readonly id?: string
  readonly seq: number
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Options of a connection, of which browsers have only `protocols`. */
interface ConnectOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly protocols?: Array<string>
}

/** Connects a WebSocket of PlexiChat, and closes it at the end. Fails if the handshake is rejected. */
export const connectSocket = (
  url: string,
  path: string,
  { headers = {}, protocols = [] }: ConnectOptions = {},
) =>
  Effect.gen(function* () {
    const received: Array<Frame> = []
    const waiting = new Set<() => void>()
    const closed = Promise.withResolvers<number>()
    const ws = yield* Effect.acquireRelease(
      Effect.sync(
        () => new WebSocket(url.replace(/^http/, "ws") + path, { headers: { ...headers }, protocols }),
      ),
      (ws) => Effect.sync(() => ws.close()),
    )
    ws.addEventListener("message", ({ data }) => {
      received.push(JSON.parse(String(data)))
      for (const check of waiting) check()
    })
    ws.addEventListener("close", ({ code }) => closed.resolve(code))
    yield* Effect.promise(
      () =>
        new Promise<void>((resolve, reject) => {
          ws.addEventListener("open", () => resolve())
          ws.addEventListener("error", () => reject(new Error("The handshake was rejected")))
        }),
    )

    /** Waits until frames of these types have come since the connection began. Returns the last one that matches. */
    const until = (matches: (frame: Frame) => boolean) =>
      Effect.promise(
        () =>
          new Promise<Frame>((resolve) => {
            const check = () => {
              const frame = received.find(matches)
              if (frame === undefined) return
              waiting.delete(check)
              resolve(frame)
            }
            waiting.add(check)
            check()
          }),
      )

    return {
      ws,
      received,
      until,
      /** Waits for the first frame of a type. */
      next: (type: string) => until((frame) => frame.type === type),
      send: (frame: unknown) => Effect.sync(() => ws.send(JSON.stringify(frame))),
      /** The code with which the connection is closed. */
      closed: Effect.promise(() => closed.promise),
    }
  })
