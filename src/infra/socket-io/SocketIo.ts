import { Duration, Effect } from "effect"
import { Server } from "socket.io"
import type { Neighbour } from "../bun-http/UpgradeHandler"
import { Engine } from "./Engine"

interface Options {
  /** The largest message taken from a client, in bytes. */
  readonly maxMessageSize: number
  /** What answers to requests have among their headers, such as those of CORS. */
  readonly headers: (source: Request) => Readonly<Record<string, string>>
  /** How often a client is asked whether it is there: every 25 seconds, unless told otherwise. */
  readonly pingInterval?: Duration.DurationInput
  /** How long it may take to say so: 20 seconds, unless told otherwise. */
  readonly pingTimeout?: Duration.DurationInput
}

interface SocketIo {
  /** The official server, to put events on. */
  readonly io: Server
  /** What gives it its requests on `/socket.io`. */
  readonly neighbour: Neighbour
  /** Ends every session: clients hear of it, and come back when there is a server again. Never fails. */
  readonly close: Effect.Effect<void>
}

/** Socket.IO 4, on websocket and long-polling, for a port that is another server's. */
export const make = (options: Options): SocketIo => {
  const engine = new Engine({
    path: "/socket.io",
    headers: options.headers,
    maxHttpBufferSize: options.maxMessageSize,
    pingInterval: Duration.toMillis(options.pingInterval ?? "25 seconds"),
    pingTimeout: Duration.toMillis(options.pingTimeout ?? "20 seconds"),
    upgradeTimeout: 10_000,
  })
  const io = new Server({ serveClient: false }).bind(engine)
  return { io, neighbour: engine, close: Effect.promise(() => io.close()) }
}
