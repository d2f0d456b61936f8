import type { Server } from "bun"
import type { Peer } from "./WebSocketHandler"

/**
 * Another protocol on the same port. It is given its requests before the app is asked, and makes
 * websockets of them by `server.upgrade` with a peer of its own.
 */
export interface Neighbour {
  /** The largest message that its websockets take, in bytes. */
  readonly maxMessageSize: number
  /** Whether requests to this path, and query, are its own. */
  readonly owns: (path: string) => boolean
  /** Answers a request; nothing, once it has been made a websocket. */
  readonly answer: (source: Request, server: Server<Peer>) => Response | Promise<Response> | undefined
}
