import type { ServerWebSocket } from "bun"

/** What stands behind a websocket, whatever is spoken on it: it is what `ws.data` holds. */
export interface Peer {
  readonly opened: (ws: ServerWebSocket<Peer>) => void
  readonly received: (message: string | Uint8Array<ArrayBuffer>) => void
  /** What was held back has left. */
  readonly drained: () => void
  readonly closed: (code: number, reason: string) => void
}
