import { Effect } from "effect"
import { ScopeNotFound } from "../../../domain/identity/Memberships/Errors"
import { Channels } from "../../../domain/messaging/Channels"
import type { ChannelId } from "../../../domain/messaging/Channels/Model"
import type { MessagingEvent } from "../../../domain/messaging/Outbox/Model"
import { type RoomId, roomIdOf } from "../../../domain/messaging/VoiceRooms/Model"
import { VoiceSignaling } from "../../../domain/messaging/VoiceSignaling"
import type { SocketKind } from "./SocketKind"

/** Returns the id of the voice room that an event is about. */
const roomOf = (event: MessagingEvent): RoomId | undefined => {
  if ("call" in event) return roomIdOf({ channelId: event.call.channelId, callId: event.call.id })
  return "callId" in event ? roomIdOf(event) : undefined
}

/** Makes the four kinds of sockets. Those of a channel follow it if its user may read it. */
export const makeSocketKinds = Effect.gen(function* () {
  const channels = yield* Channels
  const signaling = yield* VoiceSignaling

  /** Follows a channel of one kind; a direct one is found among conversations only, and the other way round. */
  const inChannel =
    (name: SocketKind["name"], isDirect: boolean) =>
    (id: ChannelId): SocketKind => ({
      name,
      authorize: (actor) =>
        Effect.flatMap(channels.authorize(actor, id, "read"), (access) =>
          (access.type === "direct") === isDirect
            ? Effect.succeed({ scopeId: access.id })
            : new ScopeNotFound({ kind: "channel" }),
        ),
      shows: () => true,
    })

  const connect: SocketKind<never> = {
    name: "connect",
    authorize: () => Effect.succeed({ scopeId: undefined }),
    shows: () => true,
  }

  /** Follows a voice room: that of a channel or a direct conversation, or a call's. */
  const voice = (id: RoomId): SocketKind => ({
    name: "voice",
    authorize: (actor) =>
      Effect.map(signaling.authorize(actor, id), (room) => ({ scopeId: room.channelId, room })),
    shows: (event) => roomOf(event) === id.toLowerCase(),
  })

  return {
    connect,
    channel: inChannel("channel", false),
    dm: inChannel("dm", true),
    voice,
  }
})
