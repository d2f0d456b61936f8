import { Effect } from "effect"
import { type Room, roomIdOf } from "../../../domain/messaging/VoiceRooms/Model"
import { VoiceSignaling } from "../../../domain/messaging/VoiceSignaling"
import type { VoiceConnection } from "../../../domain/messaging/VoiceSignaling/Model"
import type { ClientSocket } from "./ClientSocket"
import { signalFrames } from "./VoiceFrames"

/** Makes the functions that keep the users of voice sockets in their rooms, and hand them signals. */
export const makeVoiceSockets = (run: (effect: Effect.Effect<void>) => void) =>
  Effect.map(VoiceSignaling, (signaling) => {
    const connections = new WeakMap<ClientSocket, VoiceConnection>()
    return {
      onStarted: (socket: ClientSocket, room: Room) => {
        const connection: VoiceConnection = {
          roomId: roomIdOf(room),
          userId: socket.userId,
          onSignal: ({ type, from, data }) => socket.sendFrame(signalFrames[type].relayed, { ...data, from }),
        }
        connections.set(socket, connection)
        run(signaling.connect(connection))
      },
      /** Called when the user of a socket may not follow its room any more. */
      onRejected: ({ room, userId }: ClientSocket) => {
        if (room !== undefined) run(signaling.reject(room, userId))
      },
      onClosed: (socket: ClientSocket) => {
        const connection = connections.get(socket)
        if (connection !== undefined) run(signaling.disconnect(connection))
      },
    }
  })
