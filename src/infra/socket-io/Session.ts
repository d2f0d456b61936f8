// First, since the parts of this package import one another in circles.
import "@socket.io/bun-engine"

import type { RawData, ServerOptions } from "@socket.io/bun-engine"
import { type HandshakeRequestReference, Socket } from "@socket.io/bun-engine/dist/socket"
import type { PollingTransport } from "./PollingTransport"
import { WebSocketTransport } from "./WebSocketTransport"

/** The most that waits for a reader who is behind, in bytes, before it is given up; text by its characters. */
const backlog = 4 * 1024 * 1024

const sizeOf = (data: RawData | undefined): number => {
  if (data === undefined) return 0
  return typeof data === "string" ? data.length : data.byteLength
}

/** One client of the engine, on whichever transport it has come to. */
export class Session extends Socket {
  private waiting = 0
  private taken: boolean

  constructor(
    id: string,
    options: ServerOptions,
    private current: PollingTransport | WebSocketTransport,
    request: HandshakeRequestReference,
    /** Where the client is; Socket.IO shows it as `handshake.address`. */
    readonly remoteAddress: string | undefined,
  ) {
    super(id, options, current, request)
    this.taken = current instanceof WebSocketTransport
    this.on("flush", () => {
      this.waiting = 0
    })
    this.on("packetCreate", ({ data }) => {
      // What was there before counts, so that one large packet may always be sent.
      if (this.waiting > backlog) this.current.breakOff()
      this.waiting += sizeOf(data)
    })
  }

  /** Whether it is on polling, and no websocket has been tried yet. */
  get mayUpgrade(): boolean {
    return !this.taken
  }

  /** Goes over to a websocket as soon as the client has tried that. */
  upgradeTo(transport: WebSocketTransport): void {
    this.taken = true
    this.once("upgrade", () => {
      this.current = transport
    })
    this.once("close", () => transport.close())
    this._maybeUpgrade(transport)
  }

  /** Ends the session, telling the client why where its transport can say so. What waits is lost. */
  closeFor(code: number, reason: string): void {
    if (this.current instanceof WebSocketTransport) this.current.closeFor(code, reason)
    else this.current.close()
  }
}
