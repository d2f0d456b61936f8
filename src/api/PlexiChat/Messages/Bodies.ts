import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { FileId } from "../../../domain/files/Files/Model"
import { ChannelId } from "../../../domain/messaging/Channels/Model"
import { AnswerState, PostFields, PostId } from "../../../domain/messaging/Posts/Model"
import { UserId } from "../../../domain/shared/Actor"
import { Uuid } from "../../../domain/shared/Ids"
import { Text } from "../../../domain/shared/Text"
import { example } from "../../../http/Example"
import { Fields, optionalRenamed, renamed } from "../../../http/Fields"

const reactionExample = { emoji: "👍", count: 2, me: true }

export const ReactionBody = Schema.Struct({
  emoji: Schema.String,
  count: Schema.Int.annotations({ description: "How many users reacted with it" }),
  isOwn: renamed("me", Schema.Boolean).annotations({ description: "Whether the caller is among them" }),
}).annotations({ identifier: "PlexiChatReaction", ...example(reactionExample) })

export const messageExample = {
  id: "019bc0f1-2d08-7c3a-9d52-0e2a4c6e8b88",
  channel_id: "019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77",
  author: { id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01", username: "ada", display_name: "Ada Lovelace" },
  content: "Shall we weave algebraical patterns?",
  attachments: [],
  client_id: "composer-1",
  generation: null,
  reactions: [reactionExample],
  reply_count: 0,
  thread_id: null,
  created_at: "2026-01-15T09:30:00.000Z",
  edited_at: null,
  deleted_at: null,
}

export const MessageBody = Schema.Struct({
  id: PostId,
  channelId: renamed("channel_id", ChannelId),
  author: Schema.NullOr(
    Schema.Struct({
      id: UserId,
      username: Schema.String,
      name: renamed("display_name", Schema.String),
    }),
  ).annotations({
    description:
      "A user or an assistant, with the name to mention; null for an account or an assistant that was deleted",
  }),
  content: Schema.String.annotations({
    description: "The text; empty if the message was deleted, and before an assistant's answer begins",
  }),
  attachments: Schema.Array(
    Schema.Struct({
      id: FileId,
      name: Schema.String,
      mediaType: renamed("mime_type", Schema.String),
      size: Schema.Int.annotations({ description: "In bytes" }),
    }),
  ).annotations({ description: "Files, which everyone may read who may read the message" }),
  clientId: renamed("client_id", Schema.NullOr(Schema.String)).annotations({
    description: "The author's own key for it",
  }),
  generation: Schema.NullOr(
    Schema.Struct({
      id: Schema.NullOr(Uuid).annotations({ description: "Null if no generation could start" }),
      state: AnswerState,
    }),
  ).annotations({
    description:
      "Not null for the answer of an assistant that was mentioned: the generation that writes it, whose events are at `/api/generations/{id}/events`, and how far it is",
  }),
  reactions: Schema.Array(ReactionBody),
  replyCount: renamed("reply_count", Schema.Int).annotations({
    description: "How many replies its thread has",
  }),
  threadId: renamed("thread_id", Schema.NullOr(PostId)).annotations({
    description: "The message whose thread it is in; null for one in the channel's list",
  }),
  createdAt: renamed("created_at", Schema.Date),
  editedAt: renamed("edited_at", Schema.NullOr(Schema.Date)),
  deletedAt: renamed("deleted_at", Schema.NullOr(Schema.Date)).annotations({
    description: "Not null for a message that was deleted and stays while it has replies",
  }),
}).annotations({ identifier: "PlexiChatMessage", ...example(messageExample) })

export const messageId = HttpApiSchema.param(
  "id",
  PostId.annotations({ description: "The message's id", ...example(messageExample.id) }),
)

export const emojiParam = HttpApiSchema.param(
  "emoji",
  Schema.compose(
    Schema.String.annotations({ description: "The emoji, percent-encoded", ...example("👍") }),
    Text,
  ),
)

const content = { description: "The text, 1 to 8,000 characters" }

export const NewMessageBody = Fields({
  content: renamed("content", PostFields.content).annotations(content),
  attachments: optionalRenamed("attachments", PostFields.attachments).annotations({
    description: "Ids of the user's own files, at most 10",
  }),
  clientId: optionalRenamed("client_id", PostFields.clientId).annotations({
    description:
      "A key of the client's choice, with which the same message is stored once however often it is sent",
  }),
}).annotations(example({ content: messageExample.content, attachments: [], client_id: "composer-1" }))

export const MessageChangeBody = Fields({
  content: Schema.propertySignature(PostFields.content).annotations(content),
}).annotations(example({ content: "Shall we weave flowers and leaves?" }))

export const NewReactionBody = Fields({
  emoji: Schema.propertySignature(PostFields.emoji).annotations({ description: "One emoji" }),
}).annotations(example({ emoji: reactionExample.emoji }))

export const ThreadBody = Schema.Struct({
  parent: MessageBody.annotations({ description: "The message that the thread is about" }),
  replies: Schema.Array(MessageBody).annotations({ description: "A page of the replies, oldest first" }),
}).annotations({
  identifier: "PlexiChatThread",
  ...example({
    parent: { ...messageExample, reply_count: 1 },
    replies: [
      {
        ...messageExample,
        id: "019bc0f1-2d09-7c3a-9d52-1f3b5d7f9c99",
        thread_id: messageExample.id,
        content: "We shall.",
        client_id: null,
        reactions: [],
      },
    ],
  }),
})
