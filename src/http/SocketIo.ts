import { Context } from "effect"
import type { Server } from "socket.io"

/**
 * Socket.IO's official server, on Parley's port at `/socket.io`, without authentication: a contract adds its
 * events, and a middleware that authenticates, to its namespace. Listeners run outside Effect, where an
 * exception ends the process, so they must delegate to a runtime.
 */
export class SocketIo extends Context.Tag("SocketIo")<SocketIo, Server>() {}
