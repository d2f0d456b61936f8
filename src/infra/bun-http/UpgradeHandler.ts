import type { Server } from "bun"
import type { WebSocketHandler } from "./WebSocketHandler"

/**
 * Another protocol on the same port, such as Socket.IO. Its requests bypass the app; it upgrades
 * them by calling `server.upgrade` with a WebSocketHandler as the data.
 */
export interface UpgradeHandler {
  /** The largest message that its WebSockets accept, in bytes. */
  readonly maxMessageSize: number
  /** Whether this protocol handles requests to a path (with its query). */
  readonly matches: (path: string) => boolean
  /** Handles a request. Returns undefined if it was upgraded to a WebSocket. */
  readonly handle: (
    source: Request,
    server: Server<WebSocketHandler>,
  ) => Response | Promise<Response> | undefined
}
