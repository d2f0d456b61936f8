// Must be imported first: the modules of this package have circular imports.
import "@socket.io/bun-engine"

import { type Packet, Parser } from "@socket.io/bun-engine/dist/parser"
import { WS } from "@socket.io/bun-engine/dist/transports/websocket"
import type { ServerWebSocket } from "bun"
import type { WebSocketHandler } from "../bun-http/WebSocketHandler"

/** Close code 1009 (RFC 6455): the client sent a message over the limit. */
const WS_MESSAGE_TOO_BIG = 1009

/**
 * Engine.IO's WebSocket transport with backpressure: it writes no more than the client reads, and
 * the rest waits in the session.
 */
export class WebSocketTransport extends WS {
  private ws: ServerWebSocket<WebSocketHandler> | undefined

  /** Receives the WebSocket's events from Bun. */
  readonly handler: WebSocketHandler = {
    onOpen: (ws) => {
      // Socket.IO's handlers get binary data as a Buffer on every server.
      ws.binaryType = "nodebuffer"
      this.ws = ws
      this.writable = true
    },
    onMessage: (message) => {
      if (Buffer.byteLength(message) > this.opts.maxHttpBufferSize) this.ws?.close(WS_MESSAGE_TOO_BIG)
      else this.onMessage(message)
    },
    onDrain: () => {
      if (this.writable || this.ws === undefined || this.ws.getBufferedAmount() > 0) return
      this.writable = true
      this.emitReserved("drain")
    },
    onClose: (code, reason) => this.onCloseEvent(code, reason),
  }

  override send(packets: Array<Packet>): void {
    const { ws } = this
    if (ws?.readyState !== WebSocket.OPEN) return
    for (const packet of packets) {
      const data = Parser.encodePacket(packet, true)
      const sent = ws.send(data)
      // -1: queued by Bun under backpressure. 0: dropped because the queue is full.
      if (sent === -1) this.writable = false
      else if (sent === 0 && Buffer.byteLength(data) > 0) this.terminate()
    }
  }

  protected override doClose(): void {
    this.ws?.close()
  }

  /** Closes the connection with a code and reason for the client. */
  closeWith(code: number, reason: string): void {
    this.ws?.close(code, reason)
  }

  /** Drops the connection without a close frame, which a client that does not read would not get. */
  terminate(): void {
    this.ws?.terminate()
  }
}
