import { connect, type Socket } from "node:net"
import { Effect } from "effect"

/** A TCP connection that does only what it is told to: it can stop reading, and break off. */
export class RawClient {
  /** How many bytes have arrived. */
  received = 0
  /** What has arrived, unless it is only counted. */
  text = ""
  closed = false
  private waiting: Array<() => void> = []

  constructor(
    private readonly socket: Socket,
    private readonly counting: (piece: Buffer) => void = (piece) => {
      this.text += piece.toString("latin1")
    },
  ) {
    socket.on("data", (piece: Buffer) => {
      this.received += piece.length
      this.counting(piece)
      this.wake()
    })
    socket.on("error", () => {})
    socket.on("close", () => {
      this.closed = true
      this.wake()
    })
  }

  private wake() {
    for (const resume of this.waiting.splice(0)) resume()
  }

  /** How many bytes wait to be sent because the other side does not take them. */
  get unsent(): number {
    return this.socket.writableLength
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  get(path: string, headers = ""): void {
    this.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`)
  }

  stopReading(): void {
    this.socket.pause()
  }

  readOn(): void {
    this.socket.resume()
  }

  breakOff(): void {
    this.socket.destroy()
  }

  /** Ends when `holds`, looked at whenever something arrives. */
  until(holds: (client: this) => boolean): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const look = () => {
        if (holds(this)) resume(Effect.void)
        else this.waiting.push(look)
      }
      look()
    })
  }

  /** Ends when the other side has closed the connection. */
  readonly end = this.until(({ closed }) => closed)
}

/** Connects to a port of this machine; broken off with the scope. */
export const rawClient = (port: number, counting?: (piece: Buffer) => void) =>
  Effect.acquireRelease(
    Effect.async<RawClient, Error>((resume) => {
      const socket = connect(port, "127.0.0.1")
      socket.once("connect", () => resume(Effect.succeed(new RawClient(socket, counting))))
      socket.once("error", (error) => resume(Effect.fail(error)))
    }),
    (client) => Effect.sync(() => client.breakOff()),
  )
