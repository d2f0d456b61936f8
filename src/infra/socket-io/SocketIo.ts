import { Duration, Effect } from "effect"
import { Server } from "socket.io"
import type { UpgradeHandler } from "../bun-http/UpgradeHandler"
import { Engine } from "./Engine"

interface Options {
  /** The largest message accepted from a client, in bytes. */
  readonly maxMessageSize: number
  /** Headers added to every response, such as those of CORS. */
  readonly headers: (source: Request) => Readonly<Record<string, string>>
  /** Time between heartbeat pings; 25 seconds by default. */
  readonly pingInterval?: Duration.DurationInput
  /** Time to wait for the answer to a ping; 20 seconds by default. */
  readonly pingTimeout?: Duration.DurationInput
}

interface SocketIo {
  /** The official Socket.IO server, to register event handlers on. */
  readonly io: Server
  /** Passes it the HTTP server's requests to `/socket.io`. */
  readonly upgradeHandler: UpgradeHandler
  /** Disconnects every client with a reason that makes it reconnect later. Never fails. */
  readonly close: Effect.Effect<void>
}

/** Makes a Socket.IO 4 server (WebSocket and long-polling) for the port of an existing HTTP server. */
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
  return { io, upgradeHandler: engine, close: Effect.promise(() => io.close()) }
}
