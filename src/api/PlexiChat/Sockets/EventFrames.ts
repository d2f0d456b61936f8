import { Schema } from "effect"
import { ScopeId } from "../../../domain/identity/Memberships/Model"
import { ChannelId } from "../../../domain/messaging/Channels/Model"
import type { MessagingEvent } from "../../../domain/messaging/Outbox/Model"
import { type Post, PostId } from "../../../domain/messaging/Posts/Model"
import { CallId } from "../../../domain/messaging/VoiceRooms/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { renamed } from "../../../http/Fields"
import { ChannelBody, channelExample } from "../Channels/Bodies"
import { MessageBody, messageExample } from "../Messages/Bodies"
import { CallBody, callExample } from "../Voice/Bodies"
import { serverFrame } from "./ServerFrames"

const ids = {
  channel: "019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77",
  message: "019bc0f1-2d08-7c3a-9d52-0e2a4c6e8b88",
  user: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
}

const channelId = renamed("channel_id", ChannelId).annotations({
  description: "The channel, or the conversation of a direct message",
})
const messageId = renamed("message_id", PostId).annotations({ description: "The message" })

const { reactions: _reactions, ...messageFields } = MessageBody.fields
const { reactions: _exampleReactions, ...message } = messageExample

/** A message as events carry it: without reactions, of which everyone sees their own. */
const Message = Schema.Struct(messageFields).annotations({
  identifier: "PlexiChatMessageEvent",
  ...example(message),
})

const { role: _role, ...channelFields } = ChannelBody.fields
const { role: _exampleRole, ...channel } = channelExample

/** A channel as events carry it: without a role, of which everyone has their own. */
const ChannelData = Schema.Struct(channelFields).annotations({
  identifier: "PlexiChatChannelEvent",
  ...example(channel),
})

const MemberData = Schema.Struct({
  scopeId: renamed("channel_id", ScopeId).annotations({ description: "The channel" }),
  userId: renamed("user_id", UserId).annotations({ description: "Who is or was the member" }),
}).annotations(example({ channel_id: ids.channel, user_id: ids.user }))

const ReactionData = Schema.Struct({
  channelId,
  postId: messageId,
  emoji: Schema.propertySignature(Schema.String).annotations({ description: "The emoji of the reaction" }),
  userId: renamed("user_id", UserId).annotations({ description: "Who added or removed theirs" }),
  count: Schema.Int.annotations({ description: "How many there are of this emoji now" }),
}).annotations(
  example({ channel_id: ids.channel, message_id: ids.message, emoji: "👍", user_id: ids.user, count: 1 }),
)

const DeletedData = Schema.Struct({
  channelId,
  postId: messageId,
  threadId: renamed("thread_id", Schema.NullOr(PostId)).annotations({
    description: "The message whose thread it was in; null for one in the channel's list",
  }),
  replyCount: renamed("reply_count", Schema.NullOr(Schema.Int)).annotations({
    description: "How many replies the thread has now that it was in",
  }),
}).annotations(
  example({ channel_id: ids.channel, message_id: ids.message, thread_id: null, reply_count: null }),
)

const ReplyData = Schema.Struct({
  post: renamed("message", Message).annotations({ description: "The reply" }),
  replyCount: renamed("reply_count", Schema.Int).annotations({
    description: "How many replies the thread has now",
  }),
}).annotations(example({ message: { ...message, thread_id: ids.message }, reply_count: 1 }))

const { participants: _participants, ...callFields } = CallBody.fields
const { participants: _exampleParticipants, ...call } = callExample

/** A call as events carry it: who takes part is in `voice.joined` and `voice.left`. */
const CallData = Schema.Struct(callFields).annotations({
  identifier: "PlexiChatCallEvent",
  ...example(call),
})

const ParticipantData = Schema.Struct({
  channelId,
  callId: renamed("call_id", Schema.NullOr(CallId)).annotations({
    description: "The call; null for the voice of the channel itself",
  }),
  userId: renamed("user_id", UserId).annotations({ description: "Who joined or left" }),
}).annotations(example({ channel_id: ids.channel, call_id: null, user_id: ids.user }))

type EventOf<Type> = Extract<MessagingEvent, { readonly type: Type }>

/** Declares the frame of an event: its type, when it is sent, and its data. */
const frame = <Type extends MessagingEvent["type"], A, I>(
  type: string,
  description: string,
  data: Schema.Schema<A, I>,
  toData: (event: EventOf<Type>) => A,
) => {
  const encode = Schema.encodeSync(data)
  return {
    ...serverFrame(type, description, data),
    encode: (event: EventOf<Type>): unknown => encode(toData(event)),
  }
}

type EventFrames = {
  readonly [Type in MessagingEvent["type"]]: {
    readonly name: string
    readonly type: string
    readonly description: string
    readonly data: Schema.Schema.AnyNoContext
    readonly encode: (event: EventOf<Type>) => unknown
  }
}

const post = ({ post }: { readonly post: Post }) => post

/** The frame of every event. */
export const eventFrames = {
  message_created: frame("message.created", "A user sent a message.", Message, post),
  message_updated: frame(
    "message.updated",
    "A message was edited, an assistant's answer goes on, or only the replies to a deleted message are left.",
    Message,
    post,
  ),
  message_deleted: frame("message.deleted", "A message was deleted.", DeletedData, (event) => event),
  thread_reply: frame("thread.reply", "A user replied in a thread.", ReplyData, (event) => event),
  reaction_added: frame("reaction.added", "A user reacted.", ReactionData, (event) => event),
  reaction_removed: frame("reaction.removed", "A user took a reaction back.", ReactionData, (event) => event),
  member_added: frame("member.added", "A user joined or was added.", MemberData, (event) => event),
  member_removed: frame(
    "member.removed",
    "A user left or was removed. Their own sockets of the channel are closed with 4404.",
    MemberData,
    (event) => event,
  ),
  channel_created: frame("channel.created", "A channel was created.", ChannelData, ({ channel }) => channel),
  channel_updated: frame(
    "channel.updated",
    "A channel or what may be done in it was changed.",
    ChannelData,
    ({ channel }) => channel,
  ),
  channel_deleted: frame(
    "channel.deleted",
    "A channel was deleted. Its sockets are closed with 4404.",
    Schema.Struct({ channelId }).annotations(example({ channel_id: ids.channel })),
    (event) => event,
  ),
  voice_joined: frame(
    "voice.joined",
    "A user joined the voice of a channel or a call.",
    ParticipantData,
    (event) => event,
  ),
  voice_left: frame(
    "voice.left",
    "A user left the voice of a channel or a call.",
    ParticipantData,
    (event) => event,
  ),
  call_ringing: frame("call.ringing", "A user calls.", CallData, ({ call }) => call),
  call_active: frame("call.active", "A user answered a call.", CallData, ({ call }) => call),
  call_ended: frame("call.ended", "The last participant left a call.", CallData, ({ call }) => call),
  call_missed: frame("call.missed", "No user answered a call in time.", CallData, ({ call }) => call),
} satisfies EventFrames

/** Returns the type and the data of an event's frame. */
export const toFrame = <Type extends MessagingEvent["type"]>(event: EventOf<Type>) => {
  const { type, encode }: EventFrames[Type] = (eventFrames as EventFrames)[event.type as Type]
  return { type, data: encode(event) }
}
