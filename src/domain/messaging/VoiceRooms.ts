import { SqlClient } from "@effect/sql"
import { DateTime, type Duration, Effect, Option } from "effect"
import type { UserId } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import type { ChannelId } from "./Channels/Model"
import { Outbox } from "./Outbox"
import type { MessagingEvent } from "./Outbox/Model"
import { CallOver, RoomFull } from "./VoiceRooms/Errors"
import {
  type Call,
  CallId,
  type CallType,
  MAX_PARTICIPANTS,
  type Room,
  roomIdOf,
  VoiceTimes,
} from "./VoiceRooms/Model"
import { type Place, VoiceRoomsRepo } from "./VoiceRooms/Repo"

/**
 * Keeps who is in which voice room, and the calls, without a check of permission. A participant stays until a time
 * that whoever has their socket keeps moving: when it comes, any node removes them, so that nothing depends on a
 * process that died. Lock order: the scope, the channel, the outbox.
 */
export class VoiceRooms extends Effect.Service<VoiceRooms>()("VoiceRooms", {
  dependencies: [VoiceRoomsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* VoiceRoomsRepo
    const outbox = yield* Outbox
    const ids = yield* IdGenerator
    const times = yield* VoiceTimes

    const timeAfter = (duration: Duration.Duration) =>
      Effect.map(DateTime.now, (now) => DateTime.toDate(DateTime.addDuration(now, duration)))

    const appendAll = (channelId: ChannelId, events: ReadonlyArray<MessagingEvent>) =>
      Effect.forEach(events, (event) => outbox.append({ scopeId: channelId }, event), { discard: true })

    const left = (
      { channelId, callId }: Room,
      userIds: ReadonlyArray<UserId>,
    ): ReadonlyArray<MessagingEvent> =>
      userIds.map((userId) => ({ type: "voice_left", channelId, callId, userId }))

    const findCall = (id: CallId) => Effect.orDie(Effect.flatten(repo.findCall(id)))

    /** Lets participants stay for as long as one without a socket does. */
    const renew = Effect.fn("VoiceRooms.renew")(function* (places: ReadonlyArray<Place>) {
      yield* repo.renew(places, yield* timeAfter(times.absence))
    })

    const insertParticipant = Effect.fnUntraced(function* (room: Room, userId: UserId) {
      const place = { roomId: roomIdOf(room), userId }
      const now = yield* DateTime.nowAsDate
      yield* repo.insertParticipant(place, room.channelId, now, yield* timeAfter(times.absence))
    })

    /**
     * Adds a user to a room; does nothing if they are there already. The first to join somebody's call answers it.
     * Call it last in a transaction that has locked the channel.
     */
    const join = Effect.fn("VoiceRooms.join")(function* (room: Room, userId: UserId) {
      const { channelId, callId } = room
      const call = callId === null ? undefined : yield* findCall(callId)
      if (call !== undefined && call.endedAt !== null) return yield* new CallOver()
      const present = yield* repo.participantIds(roomIdOf(room))
      if (present.includes(userId)) return yield* renew([{ roomId: roomIdOf(room), userId }])
      if (present.length >= MAX_PARTICIPANTS) return yield* new RoomFull()
      yield* insertParticipant(room, userId)
      const events: Array<MessagingEvent> = [{ type: "voice_joined", channelId, callId, userId }]
      if (call?.status === "ringing") {
        yield* repo.answerCall(call.id, yield* DateTime.nowAsDate)
        events.push({ type: "call_active", call: yield* findCall(call.id) })
      }
      yield* appendAll(channelId, events)
    })

    /**
     * Calls those who belong to a channel. Joins the call that they are in already, if any. Call it last in a
     * transaction that has locked the channel.
     */
    const startCall = Effect.fn("VoiceRooms.startCall")(function* (
      channelId: ChannelId,
      userId: UserId,
      type: CallType,
    ) {
      const current = yield* repo.findCallInProgress(channelId)
      if (Option.isSome(current)) {
        const { id: callId } = current.value
        yield* join({ channelId, callId }, userId).pipe(Effect.catchTag("CallOver", Effect.die))
        return { callId, isNew: false }
      }
      const callId = CallId.make(yield* ids.generate)
      yield* repo.insertCall(callId, channelId, type, userId, yield* DateTime.nowAsDate)
      yield* insertParticipant({ channelId, callId }, userId)
      yield* appendAll(channelId, [
        { type: "call_ringing", call: yield* findCall(callId) },
        { type: "voice_joined", channelId, callId, userId },
      ])
      return { callId, isNew: true }
    })

    const isOverdue = ({ status, createdAt }: Call, rungAt: Date) =>
      status === "ringing" && createdAt <= rungAt

    /** Returns the time of calls that have been ringing for long enough. */
    const rungAt = Effect.map(DateTime.now, (now) =>
      DateTime.toDate(DateTime.subtractDuration(now, times.ringing)),
    )

    /** Ends a room's call if everybody has left, or nobody answered in time. Returns what happened. */
    const settleCall = Effect.fnUntraced(function* (room: Room) {
      const call = room.callId === null ? undefined : yield* findCall(room.callId)
      if (call === undefined || call.endedAt !== null) return []
      const missed = isOverdue(call, yield* rungAt)
      const roomId = roomIdOf(room)
      if (!missed && (yield* repo.participantIds(roomId)).length > 0) return []
      const removed = yield* repo.removeParticipants(roomId)
      yield* repo.endCall(call.id, missed ? "missed" : "ended", yield* DateTime.nowAsDate)
      const ended = yield* findCall(call.id)
      const over: MessagingEvent = { type: missed ? "call_missed" : "call_ended", call: ended }
      return [...left(room, removed), over]
    })

    /**
     * Removes a user from a room; does nothing if they are not there. Call it last in a transaction that has locked
     * the channel.
     */
    const leave = Effect.fn("VoiceRooms.leave")(function* (room: Room, userId: UserId) {
      if (!(yield* repo.removeParticipant({ roomId: roomIdOf(room), userId }))) return
      yield* appendAll(room.channelId, [...left(room, [userId]), ...(yield* settleCall(room))])
    })

    /**
     * Removes a user from all rooms of a channel. Call it in the transaction that takes their membership away and
     * has locked the scope.
     */
    const leaveAll = Effect.fn("VoiceRooms.leaveAll")(function* (channelId: ChannelId, userId: UserId) {
      yield* Effect.forEach(yield* repo.roomsOf(channelId, userId), (room) => leave(room, userId), {
        discard: true,
      })
    })

    const expireRoom = Effect.fnUntraced(function* (room: Room) {
      if (!(yield* repo.lockChannel(room.channelId))) return
      const removed = yield* repo.removeParticipants(roomIdOf(room), yield* DateTime.nowAsDate)
      yield* appendAll(room.channelId, [...left(room, removed), ...(yield* settleCall(room))])
    }, transaction)

    /** Removes participants whose time has come, and ends calls that nobody answered. */
    const expire = Effect.fn("VoiceRooms.expire")(function* () {
      const overdue = yield* repo.listOverdue(yield* DateTime.nowAsDate, yield* rungAt)
      yield* Effect.forEach(overdue, expireRoom, { discard: true })
    })

    return {
      lockChannel: repo.lockChannel,
      findCall: repo.findCall,
      participants: (room: Room) => repo.listParticipants(roomIdOf(room)),
      participantIds: (room: Room) => repo.participantIds(roomIdOf(room)),
      join,
      startCall,
      leave,
      leaveAll,
      renew,
      expire,
    }
  }),
}) {}
