import type { ServerWebSocket } from "bun"

/** Handles the events of one WebSocket, whatever its protocol. Stored in `ws.data`. */
export interface WebSocketHandler {
  readonly onOpen: (ws: ServerWebSocket<WebSocketHandler>) => void
  readonly onMessage: (message: string | Uint8Array<ArrayBuffer>) => void
  /** Called when the send buffer has drained after backpressure. */
  readonly onDrain: () => void
  readonly onClose: (code: number, reason: string) => void
}
