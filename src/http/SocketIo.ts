import { Context } from "effect"
import type { Server } from "socket.io"

/**
 * Socket.IO's official server, on Parley's own port at `/socket.io`, before anyone is let in: a
 * contract puts a middleware on its namespace that says who may connect, and its events. A listener
 * runs outside Effect, and what it throws ends the process: it hands on to a runtime.
 */
export class SocketIo extends Context.Tag("SocketIo")<SocketIo, Server>() {}
