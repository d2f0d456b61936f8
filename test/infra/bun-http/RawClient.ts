import { connect, type Socket } from "node:net"
import { Effect } from "effect"

/** A raw TCP client for HTTP, which can pause reading and disconnect at any point. */
export class RawClient {
  /** The number of bytes received. */
  bytesReceived = 0
  /** The received text; empty if the client has its own `onData`. */
  text = ""
  closed = false
  private waiters: Array<() => void> = []

  constructor(
    private readonly socket: Socket,
    private readonly onData: (chunk: Buffer) => void = (chunk) => {
      this.text += chunk.toString("latin1")
    },
  ) {
    socket.on("data", (chunk: Buffer) => {
      this.bytesReceived += chunk.length
      this.onData(chunk)
      this.notifyWaiters()
    })
    socket.on("error", () => {})
    socket.on("close", () => {
      this.closed = true
      this.notifyWaiters()
    })
  }

  private notifyWaiters() {
    for (const resume of this.waiters.splice(0)) resume()
  }

  /** Bytes buffered because the server does not read them. */
  get unsentBytes(): number {
    return this.socket.writableLength
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  get(path: string, headers = ""): void {
    this.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`)
  }

  pauseReading(): void {
    this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  disconnect(): void {
    this.socket.destroy()
  }

  /** Waits until `predicate` holds; checked on every received chunk and on close. */
  until(predicate: (client: this) => boolean): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const check = () => {
        if (predicate(this)) resume(Effect.void)
        else this.waiters.push(check)
      }
      check()
    })
  }

  /** Waits until the connection is closed. */
  readonly awaitClose = this.until(({ closed }) => closed)
}

/** Connects to a local port. Disconnects when the scope closes. */
export const connectTcp = (port: number, onData?: (chunk: Buffer) => void) =>
  Effect.acquireRelease(
    Effect.async<RawClient, Error>((resume) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true })
      socket.once("connect", () => resume(Effect.succeed(new RawClient(socket, onData))))
      socket.once("error", (error) => resume(Effect.fail(error)))
    }),
    (client) => Effect.sync(() => client.disconnect()),
  )
