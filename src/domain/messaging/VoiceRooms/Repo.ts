import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findColumn, findOne, hasRow } from "../../shared/Rows"
import { ChannelId } from "../Channels/Model"
import { Call, CallId, type CallType, type RoomId, VoiceParticipant } from "./Model"

const RoomRow = Schema.Struct({ channelId: ChannelId, callId: Schema.NullOr(CallId) })

/** A user's place in a room. */
export interface ParticipantKey {
  readonly roomId: RoomId
  readonly userId: UserId
}

export class VoiceRoomsRepo extends Effect.Service<VoiceRoomsRepo>()("VoiceRoomsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Locks a channel's rooms until the transaction ends. Returns false if there is no such channel. */
    const lockChannel = (id: ChannelId) =>
      Effect.zipRight(
        sql`select id from scopes where id = ${id} for key share`,
        sql`select id from channels where id = ${id} for no key update`,
      ).pipe(hasRow)

    const calls = sql`
      select c.id, c.channel_id as "channelId", c.type, c.status, c.created_at as "createdAt",
        c.answered_at as "answeredAt", c.ended_at as "endedAt",
        case when u.id is not null
          then jsonb_build_object('id', u.id, 'username', u.username, 'name', u.name) end as caller
      from calls c left join users u on u.id = c.caller_id`

    const findCall = (id: CallId) => sql`${calls} where c.id = ${uuidOrNull(id)}`.pipe(findOne(Call))

    const findCallInProgress = (channelId: ChannelId) =>
      sql`${calls} where c.channel_id = ${channelId} and c.ended_at is null`.pipe(findOne(Call))

    const insertCall = (id: CallId, channelId: ChannelId, type: CallType, callerId: UserId, now: Date) =>
      sql`
        insert into calls (id, channel_id, type, status, caller_id, created_at)
        values (${id}, ${channelId}, ${type}, 'ringing', ${callerId}, ${now})`.pipe(execute)

    const answerCall = (id: CallId, now: Date) =>
      sql`update calls set status = 'active', answered_at = ${now} where id = ${id}`.pipe(execute)

    const endCall = (id: CallId, status: "ended" | "missed", now: Date) =>
      sql`update calls set status = ${status}, ended_at = ${now} where id = ${id}`.pipe(execute)

    /** Lists those in a room, in the order in which they joined. */
    const listParticipants = (roomId: RoomId) =>
      sql`
        select p.user_id as "userId", u.username, u.name, u.avatar_url as "avatarUrl", p.joined_at as "joinedAt"
        from voice_participants p join users u on u.id = p.user_id
        where p.room_id = ${roomId} order by p.joined_at, p.user_id`.pipe(findAll(VoiceParticipant))

    const participantIds = (roomId: RoomId) =>
      sql`select user_id from voice_participants where room_id = ${roomId}`.pipe(
        findColumn("user_id", UserId),
      )

    const insertParticipant = (
      { roomId, userId }: ParticipantKey,
      channelId: ChannelId,
      joinedAt: Date,
      expiresAt: Date,
    ) =>
      sql`
        insert into voice_participants (room_id, channel_id, user_id, joined_at, expires_at)
        values (${roomId}, ${channelId}, ${userId}, ${joinedAt}, ${expiresAt})`.pipe(execute)

    /** Removes a participant. Returns false if the user was none. */
    const removeParticipant = ({ roomId, userId }: ParticipantKey) =>
      sql`
        delete from voice_participants where room_id = ${roomId} and user_id = ${userId}
        returning user_id`.pipe(hasRow)

    /** Removes those in a room whose time has come; without a time, everyone. Returns who that was. */
    const removeParticipants = (roomId: RoomId, now?: Date) =>
      sql`
        delete from voice_participants where room_id = ${roomId}
          ${now === undefined ? sql`` : sql`and expires_at <= ${now}`}
        returning user_id`.pipe(findColumn("user_id", UserId))

    /** Lists the rooms of a channel that a user is in. */
    const roomsOf = (channelId: ChannelId, userId: UserId) =>
      sql`
        select p.channel_id as "channelId", c.id as "callId"
        from voice_participants p left join calls c on c.id = p.room_id
        where p.channel_id = ${channelId} and p.user_id = ${userId}`.pipe(findAll(RoomRow))

    /** Lists the rooms with participants whose time has come, and calls that have been ringing since `ringDeadline`. */
    const listOverdue = (now: Date, ringDeadline: Date) =>
      sql`
        select p.channel_id as "channelId", c.id as "callId"
        from voice_participants p left join calls c on c.id = p.room_id where p.expires_at <= ${now}
        union
        select channel_id, id from calls
        where ended_at is null and status = 'ringing' and created_at <= ${ringDeadline}`.pipe(
        findAll(RoomRow),
      )

    /** Lets participants stay at least until this time. Those whom another transaction is changing are left to that one. */
    const renew = (participants: ReadonlyArray<ParticipantKey>, expiresAt: Date) =>
      sql`
        update voice_participants p set expires_at = greatest(p.expires_at, ${expiresAt})
        from (
          select room_id, user_id from voice_participants
          where (room_id, user_id) in (
            select * from unnest(
              ${participants.map(({ roomId }) => roomId)}::uuid[], ${participants.map(({ userId }) => userId)}::uuid[]))
          for update skip locked
        ) own
        where p.room_id = own.room_id and p.user_id = own.user_id`.pipe(execute)

    return {
      lockChannel,
      findCall,
      findCallInProgress,
      insertCall,
      answerCall,
      endCall,
      listParticipants,
      participantIds,
      insertParticipant,
      removeParticipant,
      removeParticipants,
      roomsOf,
      listOverdue,
      renew,
    }
  }),
}) {}
