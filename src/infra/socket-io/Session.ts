// Must be imported first: the modules of this package have circular imports.
import "@socket.io/bun-engine"

import type { RawData, ServerOptions } from "@socket.io/bun-engine"
import { type HandshakeRequestReference, Socket } from "@socket.io/bun-engine/dist/socket"
import type { PollingTransport } from "./PollingTransport"
import { WebSocketTransport } from "./WebSocketTransport"

/** Bytes buffered for a slow client before its connection is terminated; text counts by its characters. */
const maxBufferedBytes = 4 * 1024 * 1024

const sizeInBytes = (data: RawData | undefined): number => {
  if (data === undefined) return 0
  return typeof data === "string" ? data.length : data.byteLength
}

/** The session of one client, on its current transport. */
export class Session extends Socket {
  private bufferedBytes = 0
  private upgradeAttempted: boolean

  constructor(
    id: string,
    options: ServerOptions,
    private currentTransport: PollingTransport | WebSocketTransport,
    request: HandshakeRequestReference,
    /** The client's IP address; Socket.IO exposes it as `handshake.address`. */
    readonly remoteAddress: string | undefined,
  ) {
    super(id, options, currentTransport, request)
    this.upgradeAttempted = currentTransport instanceof WebSocketTransport
    this.on("flush", () => {
      this.bufferedBytes = 0
    })
    this.on("packetCreate", ({ data }) => {
      // Checked before this packet is added, so that one large packet can always be sent.
      if (this.bufferedBytes > maxBufferedBytes) this.currentTransport.terminate()
      this.bufferedBytes += sizeInBytes(data)
    })
  }

  /** Whether it is on polling and has not attempted a WebSocket upgrade yet. */
  get canUpgrade(): boolean {
    return !this.upgradeAttempted
  }

  /** Switches to a WebSocket once the client has probed it. */
  upgradeTo(transport: WebSocketTransport): void {
    this.upgradeAttempted = true
    this.once("upgrade", () => {
      this.currentTransport = transport
    })
    this.once("close", () => transport.close())
    this._maybeUpgrade(transport)
  }

  /** Closes the session; the code and reason reach WebSocket clients only. Buffered packets are discarded. */
  closeWith(code: number, reason: string): void {
    if (this.currentTransport instanceof WebSocketTransport) this.currentTransport.closeWith(code, reason)
    else this.currentTransport.close()
  }
}
