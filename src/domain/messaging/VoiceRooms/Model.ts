import { Context, Duration, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { StoredTime } from "../../shared/Rows"
import { ChannelId } from "../Channels/Model"

/** A call's id: a UUID, version 7. */
export const CallId = Uuid.pipe(Schema.brand("CallId"))
export type CallId = typeof CallId.Type

/** The id of a channel, for its own room, or of a call. */
export const RoomId = Uuid.pipe(Schema.brand("RoomId"))
export type RoomId = typeof RoomId.Type

/** Where people talk: the voice of a channel, or a call in that channel. */
export interface Room {
  readonly channelId: ChannelId
  /** Null for the room of the channel itself. */
  readonly callId: CallId | null
}

export const roomIdOf = ({ channelId, callId }: Room): RoomId => RoomId.make(callId ?? channelId)

/** What the caller begins with. Participants may send what they want. */
export const CallType = Schema.Literal("video", "audio")
export type CallType = typeof CallType.Type

/**
 * `ringing` until somebody else joins, then `active`; `ended` once the last participant has left, or `missed` if
 * no one joined in time.
 */
const CallStatus = Schema.Literal("ringing", "active", "ended", "missed")

export const Call = Schema.Struct({
  id: CallId,
  /** The channel or direct conversation whose members may join. */
  channelId: ChannelId,
  type: CallType,
  status: CallStatus,
  /** Null if the account was deleted. */
  caller: Schema.NullOr(Schema.Struct({ id: UserId, username: Schema.String, name: Schema.String })),
  createdAt: StoredTime,
  answeredAt: Schema.NullOr(StoredTime),
  endedAt: Schema.NullOr(StoredTime),
})
export type Call = typeof Call.Type

/** A user in a room. */
export const VoiceParticipant = Schema.Struct({
  userId: UserId,
  username: Schema.String,
  name: Schema.String,
  avatarUrl: Schema.NullOr(Schema.String),
  joinedAt: Schema.DateFromSelf,
})
export type VoiceParticipant = typeof VoiceParticipant.Type

/** How many can be in a room: each sends to each of the others, without a server in between. */
export const MAX_PARTICIPANTS = 8

/** How long participants and calls last on their own. */
export class VoiceTimeouts extends Context.Reference<VoiceTimeouts>()("VoiceTimeouts", {
  defaultValue: () => ({
    /** How long a participant without a socket stays. */
    disconnected: Duration.seconds(15),
    /** How long a call rings. */
    ringing: Duration.seconds(60),
  }),
}) {}
