// First, since the parts of this package import one another in circles.
import "@socket.io/bun-engine"

import { type Packet, Parser } from "@socket.io/bun-engine/dist/parser"
import { WS } from "@socket.io/bun-engine/dist/transports/websocket"
import type { ServerWebSocket } from "bun"
import type { Peer } from "../bun-http/WebSocketHandler"

/** The close code of a client that has sent too large a message. */
const tooLarge = 1009

/** The engine's websocket, which writes no more than its reader keeps up with: the rest waits in the session. */
export class WebSocketTransport extends WS implements Peer {
  private ws: ServerWebSocket<Peer> | undefined

  opened(ws: ServerWebSocket<Peer>): void {
    // What Socket.IO's handlers are given for binary data on any server.
    ws.binaryType = "nodebuffer"
    this.ws = ws
    this.writable = true
  }

  received(message: string | Uint8Array<ArrayBuffer>): void {
    if (Buffer.byteLength(message) > this.opts.maxHttpBufferSize) this.ws?.close(tooLarge)
    else this.onMessage(message)
  }

  drained(): void {
    if (this.writable || this.ws === undefined || this.ws.getBufferedAmount() > 0) return
    this.writable = true
    this.emitReserved("drain")
  }

  closed(code: number, reason: string): void {
    this.onCloseEvent(code, reason)
  }

  override send(packets: Array<Packet>): void {
    const { ws } = this
    if (ws?.readyState !== WebSocket.OPEN) return
    for (const packet of packets) {
      const data = Parser.encodePacket(packet, true)
      const sent = ws.send(data)
      // Kept and to be sent, or not even kept: then there is far too much before it.
      if (sent === -1) this.writable = false
      else if (sent === 0 && Buffer.byteLength(data) > 0) this.breakOff()
    }
  }

  protected override doClose(): void {
    this.ws?.close()
  }

  /** Closes with a reason that the other side is told. */
  closeFor(code: number, reason: string): void {
    this.ws?.close(code, reason)
  }

  /** Ends the connection without a word: one that does not read would not hear it. */
  breakOff(): void {
    this.ws?.terminate()
  }
}
