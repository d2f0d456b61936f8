import { Effect, FiberSet, Layer } from "effect"
import { SocketIo } from "../../../http/SocketIo"
import { makeArenaHandlers } from "./ArenaHandlers"
import { type AuthenticatedSocket, authenticateSockets, userRoom } from "./Authentication"
import { forwardChanges } from "./ChangeForwarder"
import { makeChatHandlers } from "./ChatHandlers"
import { makeOn } from "./EventHandler"
import type { SocketContext } from "./SocketContext"

/** Serves UniChat's events on authenticated sockets. */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const io = yield* SocketIo
    const run = yield* FiberSet.makeRuntime<never>()
    const fork = (effect: Effect.Effect<void>) => void run(effect)
    yield* authenticateSockets(io, fork)
    yield* forwardChanges(io)

    const context: SocketContext = {
      on: yield* makeOn(fork),
      emitToUser: (actor) => (event, payload) => {
        io.to(userRoom(actor)).emit(event, payload)
      },
      emitTo: (socket) => (event, payload) => {
        socket.emit(event, payload)
      },
      fork,
    }
    const registerChat = yield* makeChatHandlers(context)
    const registerArena = yield* makeArenaHandlers(context)

    const onConnection = (socket: AuthenticatedSocket) => {
      const { actor } = socket.data
      void socket.join(userRoom(actor))
      registerChat(socket)
      registerArena(socket)
      context.emitTo(socket)("authenticated", { user_id: actor.userId })
    }

    io.on("connection", (socket) => onConnection(socket as AuthenticatedSocket))
  }),
)
