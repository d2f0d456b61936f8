import { SqlClient } from "@effect/sql"
import { DateTime, type Duration, Effect, Option } from "effect"
import type { UserId } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import type { ChannelId } from "./Channels/Model"
import { Outbox } from "./Outbox"
import type { MessagingEvent } from "./Outbox/Model"
import { CallEnded, RoomFull } from "./VoiceRooms/Errors"
import {
  type Call,
  CallId,
  type CallType,
  MAX_PARTICIPANTS,
  type Room,
  roomIdOf,
  VoiceTimeouts,
} from "./VoiceRooms/Model"
import { type ParticipantKey, VoiceRoomsRepo } from "./VoiceRooms/Repo"

/**
 * Keeps who is in which voice room, and the calls, without a check of permission. A participant stays until a time
 * that the node with their socket keeps moving: when it comes, any node removes them, so that nothing depends on a
 * process that died. Lock order: the scope, the channel, the outbox.
 */
export class VoiceRooms extends Effect.Service<VoiceRooms>()("VoiceRooms", {
  dependencies: [VoiceRoomsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* VoiceRoomsRepo
    const outbox = yield* Outbox
    const ids = yield* IdGenerator
    const timeouts = yield* VoiceTimeouts

    const timeAfter = (duration: Duration.Duration) =>
      Effect.map(DateTime.now, (now) => DateTime.toDate(DateTime.addDuration(now, duration)))

    const appendAll = (channelId: ChannelId, events: ReadonlyArray<MessagingEvent>) =>
      Effect.forEach(events, (event) => outbox.append({ scopeId: channelId }, event), { discard: true })

    const leftEvents = (
      { channelId, callId }: Room,
      userIds: ReadonlyArray<UserId>,
    ): ReadonlyArray<MessagingEvent> =>
      userIds.map((userId) => ({ type: "voice_left", channelId, callId, userId }))

    const findCall = (id: CallId) => Effect.orDie(Effect.flatten(repo.findCall(id)))

    /** Lets participants stay for as long as one without a socket does. */
    const renew = Effect.fn("VoiceRooms.renew")(function* (participants: ReadonlyArray<ParticipantKey>) {
      yield* repo.renew(participants, yield* timeAfter(timeouts.disconnected))
    })

    const insertParticipant = Effect.fnUntraced(function* (room: Room, userId: UserId) {
      const participant = { roomId: roomIdOf(room), userId }
      const now = yield* DateTime.nowAsDate
      yield* repo.insertParticipant(participant, room.channelId, now, yield* timeAfter(timeouts.disconnected))
    })

    /**
     * Adds a user to a room; does nothing if they are there already. The first to join somebody's call answers it.
     * Call it last in a transaction that has locked the channel.
     */
    const join = Effect.fn("VoiceRooms.join")(function* (room: Room, userId: UserId) {
      const { channelId, callId } = room
      const call = callId === null ? undefined : yield* findCall(callId)
      if (call !== undefined && call.endedAt !== null) return yield* new CallEnded()
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
        yield* join({ channelId, callId }, userId).pipe(Effect.catchTag("CallEnded", Effect.die))
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

    const isOverdue = ({ status, createdAt }: Call, ringDeadline: Date) =>
      status === "ringing" && createdAt <= ringDeadline

    /** Returns the time of calls that have been ringing for long enough. */
    const ringDeadline = Effect.map(DateTime.now, (now) =>
      DateTime.toDate(DateTime.subtractDuration(now, timeouts.ringing)),
    )

    /** Ends a room's call if all participants have left, or no one answered in time. Returns what happened. */
    const settleCall = Effect.fnUntraced(function* (room: Room) {
      const call = room.callId === null ? undefined : yield* findCall(room.callId)
      if (call === undefined || call.endedAt !== null) return []
      const missed = isOverdue(call, yield* ringDeadline)
      const roomId = roomIdOf(room)
      if (!missed && (yield* repo.participantIds(roomId)).length > 0) return []
      const removed = yield* repo.removeParticipants(roomId)
      yield* repo.endCall(call.id, missed ? "missed" : "ended", yield* DateTime.nowAsDate)
      const ended = yield* findCall(call.id)
      const endedEvent: MessagingEvent = { type: missed ? "call_missed" : "call_ended", call: ended }
      return [...leftEvents(room, removed), endedEvent]
    })

    /**
     * Removes a user from a room; does nothing if they are not there. Call it last in a transaction that has locked
     * the channel.
     */
    const leave = Effect.fn("VoiceRooms.leave")(function* (room: Room, userId: UserId) {
      if (!(yield* repo.removeParticipant({ roomId: roomIdOf(room), userId }))) return
      yield* appendAll(room.channelId, [...leftEvents(room, [userId]), ...(yield* settleCall(room))])
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
      yield* appendAll(room.channelId, [...leftEvents(room, removed), ...(yield* settleCall(room))])
    }, transaction)

    /** Removes participants whose time has come, and ends calls that no one answered. */
    const expire = Effect.fn("VoiceRooms.expire")(function* () {
      const overdue = yield* repo.listOverdue(yield* DateTime.nowAsDate, yield* ringDeadline)
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
