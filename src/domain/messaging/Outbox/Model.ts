import { Schema } from "effect"
import { ScopeId } from "../../identity/Memberships/Model"
import { UserId } from "../../shared/Actor"
import { Channel, ChannelId } from "../Channels/Model"
import { Post, PostId } from "../Posts/Model"
import { Call, CallId } from "../VoiceRooms/Model"

/** Makes the schema of an event. */
const event = <Type extends string, F extends Schema.Struct.Fields>(type: Type, fields: F) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields })

const reaction = {
  channelId: ChannelId,
  postId: PostId,
  emoji: Schema.String,
  /** Who added or removed theirs. */
  userId: UserId,
  /** How many there are of this emoji now. */
  count: Schema.Int,
}

const participant = {
  channelId: ChannelId,
  /** Null for the voice of the channel itself. */
  callId: Schema.NullOr(CallId),
  userId: UserId,
}

/**
 * Something that happened, with what a screen needs to show it. Services add their events to this union.
 */
export const MessagingEvent = Schema.Union(
  event("member_added", { scopeId: ScopeId, userId: UserId }),
  event("member_removed", { scopeId: ScopeId, userId: UserId }),
  event("channel_created", { channel: Channel }),
  /** Of the channel itself, or of its permissions. */
  event("channel_updated", { channel: Channel }),
  event("channel_deleted", { channelId: ChannelId }),
  /** A post in the list of a channel. */
  event("message_created", { post: Post }),
  /** A post that was edited. */
  event("message_updated", { post: Post }),
  /** A post that is gone, or a tombstone from now on. */
  event("message_deleted", {
    channelId: ChannelId,
    postId: PostId,
    /** The post whose thread it was in. */
    threadId: Schema.NullOr(PostId),
    /** How many replies that thread has now. */
    replyCount: Schema.NullOr(Schema.Int),
  }),
  /** A post in the thread of another one, which has this many now. */
  event("thread_reply", { post: Post, replyCount: Schema.Int }),
  event("reaction_added", reaction),
  event("reaction_removed", reaction),
  event("voice_joined", participant),
  event("voice_left", participant),
  event("call_ringing", { call: Call }),
  /** A user answered. */
  event("call_active", { call: Call }),
  /** The last participant left. */
  event("call_ended", { call: Call }),
  /** No user answered in time. */
  event("call_missed", { call: Call }),
)
export type MessagingEvent = typeof MessagingEvent.Type

/** Who sees an event: the members of a scope, and single users. */
export interface Audience {
  readonly scopeId?: ScopeId
  readonly userIds?: ReadonlyArray<UserId>
}

/** An event as it was written. */
export const OutboxEntry = Schema.Struct({
  /** Grows in the order of commits, with gaps. */
  seq: Schema.Int,
  scopeId: Schema.NullOr(ScopeId),
  userIds: Schema.Array(UserId),
  event: MessagingEvent,
  createdAt: Schema.DateFromSelf,
})
export type OutboxEntry = typeof OutboxEntry.Type
