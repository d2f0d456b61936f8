import { Schema } from "effect"
import { ScopeId } from "../../../domain/identity/Memberships/Model"
import { Channel, ChannelId } from "../../../domain/messaging/Channels/Model"
import type { MessagingEvent } from "../../../domain/messaging/Outbox/Model"
import { Post, PostId } from "../../../domain/messaging/Posts/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { renamed } from "../../../http/Fields"

const ids = {
  channel: "019bc0f1-2d10-7c3a-9d52-1a2b3c4d5e01",
  message: "019bc0f1-2d11-7c3a-9d52-1a2b3c4d5e02",
  user: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
}
const time = "2026-01-15T09:30:00.000Z"

const channelId = renamed("channel_id", ChannelId).annotations({
  description: "The channel, or the conversation of a direct message",
})
const messageId = renamed("message_id", PostId)

const messageExample = {
  id: ids.message,
  channel_id: ids.channel,
  author: { id: ids.user, display_name: "Ada Lovelace" },
  assistant: null,
  content: "The engine weaves algebraic patterns.",
  attachments: [],
  reply_count: 0,
  thread_id: null,
  edited_at: null,
  deleted_at: null,
  created_at: time,
}

/** A message as events carry it: without reactions, of which everyone sees their own. */
const Message = Schema.Struct({
  id: PostId,
  channelId,
  author: Schema.NullOr(
    Schema.Struct({
      id: UserId,
      name: renamed("display_name", Schema.String),
    }),
  ).annotations({ description: "Null if an assistant wrote it, or an account that was deleted" }),
  assistant: Post.fields.assistant.annotations({ description: "The assistant that wrote it" }),
  content: Post.fields.content,
  attachments: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      name: Schema.String,
      mediaType: renamed("mime_type", Schema.String),
      size: Schema.Int.annotations({ description: "In bytes" }),
    }),
  ),
  replyCount: renamed("reply_count", Schema.Int),
  threadId: renamed("thread_id", Schema.NullOr(PostId)).annotations({
    description: "The message whose thread it is in; null for one in the channel's list",
  }),
  editedAt: renamed("edited_at", Schema.NullOr(Schema.Date)),
  deletedAt: renamed("deleted_at", Schema.NullOr(Schema.Date)).annotations({
    description: "Not null for a message that was deleted, and stays while it has replies",
  }),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "PlexiChatMessageEvent", ...example(messageExample) })

const channelExample = {
  id: ids.channel,
  name: "general",
  description: "Everything that concerns everyone",
  type: "text",
  organization_id: null,
  is_private: false,
  created_at: time,
  updated_at: time,
}

/** A channel as events carry it: without a role, of which everyone has their own. */
const ChannelData = Schema.Struct({
  id: ChannelId,
  name: Channel.fields.name,
  description: Channel.fields.description,
  type: Channel.fields.type,
  organizationId: renamed("organization_id", Channel.fields.organizationId),
  isPrivate: renamed("is_private", Schema.Boolean),
  createdAt: renamed("created_at", Schema.Date),
  updatedAt: renamed("updated_at", Schema.Date),
}).annotations({ identifier: "PlexiChatChannelEvent", ...example(channelExample) })

const MemberData = Schema.Struct({
  scopeId: renamed("channel_id", ScopeId),
  userId: renamed("user_id", UserId),
}).annotations(example({ channel_id: ids.channel, user_id: ids.user }))

const ReactionData = Schema.Struct({
  channelId,
  postId: messageId,
  emoji: Schema.String,
  userId: renamed("user_id", UserId).annotations({ description: "Who added or removed theirs" }),
  count: Schema.Int.annotations({ description: "How many there are of this emoji now" }),
}).annotations(
  example({ channel_id: ids.channel, message_id: ids.message, emoji: "👍", user_id: ids.user, count: 1 }),
)

const DeletedData = Schema.Struct({
  channelId,
  postId: messageId,
  threadId: renamed("thread_id", Schema.NullOr(PostId)),
  replyCount: renamed("reply_count", Schema.NullOr(Schema.Int)).annotations({
    description: "How many replies the thread has now that it was in",
  }),
}).annotations(
  example({ channel_id: ids.channel, message_id: ids.message, thread_id: null, reply_count: null }),
)

const ReplyData = Schema.Struct({
  post: renamed("message", Message),
  replyCount: renamed("reply_count", Schema.Int).annotations({
    description: "How many replies the thread has now",
  }),
}).annotations(example({ message: { ...messageExample, thread_id: ids.message }, reply_count: 1 }))

type EventOf<Type> = Extract<MessagingEvent, { readonly type: Type }>

/** Declares the frame of an event: its name, when it is sent, and its data. */
const frame = <Type extends MessagingEvent["type"], A, I>(
  name: string,
  description: string,
  data: Schema.Schema<A, I>,
  toData: (event: EventOf<Type>) => A,
) => {
  const encode = Schema.encodeSync(data)
  return { name, description, data, encode: (event: EventOf<Type>): unknown => encode(toData(event)) }
}

type EventFrames = {
  readonly [Type in MessagingEvent["type"]]: {
    readonly name: string
    readonly description: string
    readonly data: Schema.Schema.All
    readonly encode: (event: EventOf<Type>) => unknown
  }
}

const post = ({ post }: { readonly post: Post }) => post

/** The frame of every event. */
const eventFrames = {
  message_created: frame("message.created", "Somebody sent a message.", Message, post),
  message_updated: frame(
    "message.updated",
    "A message was edited, an assistant's answer goes on, or only the replies to a deleted message are left.",
    Message,
    post,
  ),
  message_deleted: frame("message.deleted", "A message was deleted.", DeletedData, (event) => event),
  thread_reply: frame("thread.reply", "Somebody replied in a thread.", ReplyData, (event) => event),
  reaction_added: frame("reaction.added", "Somebody reacted.", ReactionData, (event) => event),
  reaction_removed: frame(
    "reaction.removed",
    "Somebody took a reaction back.",
    ReactionData,
    (event) => event,
  ),
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
} satisfies EventFrames

/** Returns the name and the data of an event's frame. */
export const toFrame = <Type extends MessagingEvent["type"]>(event: EventOf<Type>) => {
  const { name, encode }: EventFrames[Type] = (eventFrames as EventFrames)[event.type as Type]
  return { type: name, data: encode(event) }
}
