import { SqlClient } from "@effect/sql"
import { Duration, Effect, Either, Option, Schema, Stream } from "effect"
import { ScopeNotFound } from "../identity/Memberships/Errors"
import type { Actor, UserId } from "../shared/Actor"
import { ClusterNotifications } from "../shared/ClusterNotifications"
import { IdGenerator } from "../shared/Ids"
import { repeatEvery } from "../shared/repeatEvery"
import { withTransaction } from "../shared/Transaction"
import { Channels } from "./Channels"
import { ChannelId } from "./Channels/Model"
import { VoiceRooms } from "./VoiceRooms"
import { CallId, type Room, type RoomId, roomIdOf, VoiceTimeouts } from "./VoiceRooms/Model"
import { NotParticipating, SignalTooLarge } from "./VoiceSignaling/Errors"
import { MAX_SIGNAL_CHARS, Signal, type VoiceConnection } from "./VoiceSignaling/Model"
import { makePartJoiner, splitIntoParts } from "./VoiceSignaling/Parts"

const SignalMessage = Schema.parseJson(Signal)
const encodeSignal = Schema.encodeSync(SignalMessage)
const decodeSignal = Schema.decodeUnknownEither(SignalMessage)

const keyOf = ({ roomId, userId }: Pick<VoiceConnection, "roomId" | "userId">) => `${roomId} ${userId}`

/**
 * Relays signals between the participants of voice rooms, on whatever node their sockets are, and keeps those in
 * their rooms who have a socket here. What two participants send each other does not pass through the server.
 */
export class VoiceSignaling extends Effect.Service<VoiceSignaling>()("VoiceSignaling", {
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const notifications = yield* ClusterNotifications
    const channels = yield* Channels
    const rooms = yield* VoiceRooms
    const ids = yield* IdGenerator
    const timeouts = yield* VoiceTimeouts
    const connections = new Map<string, Set<VoiceConnection>>()

    /** Returns the room with the id of a channel, or of a call that is not over. Requires `use_voice`. */
    const authorize = Effect.fn("VoiceSignaling.authorize")(function* (actor: Actor, id: RoomId) {
      const found = Option.getOrUndefined(yield* rooms.findCall(CallId.make(id)))
      if (found !== undefined && found.endedAt !== null) return yield* new ScopeNotFound({ kind: "channel" })
      const access = yield* channels.authorize(actor, found?.channelId ?? ChannelId.make(id), "use_voice")
      const room: Room = { channelId: access.id, callId: found?.id ?? null }
      return room
    })

    /** Keeps a participant in their room, from now until `disconnect`. */
    const connect = Effect.fn("VoiceSignaling.connect")(function* (connection: VoiceConnection) {
      const key = keyOf(connection)
      connections.set(key, (connections.get(key) ?? new Set()).add(connection))
      yield* rooms.renew([connection])
    })

    /** Ends `connect`. Without another socket, the participant leaves after a while. */
    const disconnect = Effect.fn("VoiceSignaling.disconnect")(function* (connection: VoiceConnection) {
      const key = keyOf(connection)
      const remaining = connections.get(key)
      if (remaining?.delete(connection) !== true || remaining.size > 0) return
      connections.delete(key)
      yield* rooms.renew([connection])
    })

    /** Lets a participant leave at once who may not take part any more. */
    const reject = Effect.fn("VoiceSignaling.reject")(function* (room: Room, userId: UserId) {
      if (yield* rooms.lockChannel(room.channelId)) yield* rooms.leave(room, userId)
    }, transaction)

    const publish = Effect.fnUntraced(function* (signal: Signal) {
      const json = encodeSignal(signal)
      if (json.length > MAX_SIGNAL_CHARS) return yield* new SignalTooLarge()
      const parts = splitIntoParts(yield* ids.generate, json)
      yield* Effect.forEach(parts, (part) => notifications.publish("voice_signal", part), { discard: true })
    }, transaction)

    /** Sends a signal to another participant of a room. Best effort: it is lost if they have no socket. */
    const send = Effect.fn("VoiceSignaling.send")(function* (
      actor: Actor,
      room: Room,
      { to, type, data }: Pick<Signal, "to" | "type" | "data">,
    ) {
      const participants = yield* rooms.participantIds(room)
      const receiver = participants.find((userId) => userId === to.toLowerCase())
      if (!participants.includes(actor.userId)) return yield* new NotParticipating({ who: "actor" })
      if (receiver === undefined) return yield* new NotParticipating({ who: "other" })
      yield* publish({ roomId: roomIdOf(room), from: actor.userId, to: receiver, type, data })
    })

    const deliver = (json: string) =>
      Either.match(decodeSignal(json), {
        onLeft: () => Effect.logWarning("a signal is malformed"),
        onRight: (signal) =>
          Effect.sync(() => {
            const key = keyOf({ roomId: signal.roomId, userId: signal.to })
            for (const connection of connections.get(key) ?? []) connection.onSignal(signal)
          }),
      })

    const joinParts = makePartJoiner()
    yield* Stream.runForEach(notifications.subscribe("voice_signal"), (notification) => {
      const json = notification._tag === "Received" ? joinParts(notification.payload) : undefined
      return json === undefined ? Effect.void : deliver(json)
    }).pipe(Effect.forkScoped)

    /** Keeps those with a socket here in their rooms, and then removes those whose time has come, anywhere. */
    const maintain = Effect.fn("VoiceSignaling.maintain")(function* () {
      const places = [...connections.values()].flatMap(([connection]) => connection ?? [])
      if (places.length > 0) yield* rooms.renew(places)
      yield* rooms.expire()
    })
    yield* repeatEvery(Duration.times(timeouts.disconnected, 0.2), maintain())

    return { authorize, connect, disconnect, reject, send, maintain }
  }),
}) {}
