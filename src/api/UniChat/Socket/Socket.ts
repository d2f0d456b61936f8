import { Effect, FiberSet, Layer } from "effect"
import { SocketIo } from "../../../http/SocketIo"
import { makeArena } from "./Arena"
import { guard, type OwnSocket, roomOf } from "./Authentication"
import { makeChat } from "./Chat"
import type { Voices } from "./Emitter"
import { makeListen } from "./EventHandler"

/** UniChat's events, on the sockets of those who are signed in. */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const io = yield* SocketIo
    const run = yield* FiberSet.makeRuntime<never>()
    const fork = (effect: Effect.Effect<void>) => void run(effect)
    yield* guard(io, fork)

    const voices: Voices = {
      listen: yield* makeListen(fork),
      tellAll: (actor) => (event, payload) => {
        io.to(roomOf(actor)).emit(event, payload)
      },
      tellOne: (socket) => (event, payload) => {
        socket.emit(event, payload)
      },
      fork,
    }
    const chat = yield* makeChat(voices)
    const arena = yield* makeArena(voices)

    const greet = (socket: OwnSocket) => {
      const { actor } = socket.data
      void socket.join(roomOf(actor))
      chat(socket)
      arena(socket)
      voices.tellOne(socket)("authenticated", { user_id: actor.userId })
    }

    io.on("connection", (socket) => greet(socket as OwnSocket))
  }),
)
