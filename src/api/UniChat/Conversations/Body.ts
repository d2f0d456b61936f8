import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import {
  type Conversation,
  ConversationId,
  type ConversationWithMessages,
} from "../../../domain/conversations/Conversations/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { encodeOnly, optional, renamed } from "../../../http/Fields"
import { messageExample, messageFields, withIsEdited } from "../../../http/MessageFields"

export const conversationExample = {
  id: "019bc0f1-2b83-7c3a-9d52-3eb8b994c05b",
  title: "How to implement JWT auth",
  user_id: "019bc0f1-2b84-7c3a-9d52-1a1cb2025a45",
  config_id: "019bc0f1-2b81-7c3a-9d52-dc448a0614c0",
  folder_id: "507f191e810c19729de860ec",
  message_count: 2,
  is_pinned: true,
  is_archived: false,
  tags: ["development", "security"],
  created_at: "2026-01-15T09:39:48.000Z",
  last_message_at: "2026-01-15T09:40:30.000Z",
  stats: { total_tokens: 20, input_tokens: 12, output_tokens: 8 },
}

const conversationFields = {
  id: ConversationId,
  title: Schema.String,
  userId: renamed("user_id", UserId),
  assistantId: renamed(
    "config_id",
    Schema.NullOr(AssistantId).annotations({ description: "The config that answers" }),
  ),
  folderId: renamed("folder_id", Schema.NullOr(Schema.String)),
  messageCount: renamed("message_count", Schema.Int),
  isPinned: renamed("is_pinned", Schema.Boolean),
  isArchived: renamed("is_archived", Schema.Boolean),
  tags: Schema.Array(Schema.String),
  createdAt: renamed("created_at", Schema.Date),
  lastMessageAt: renamed(
    "last_message_at",
    Schema.NullOr(Schema.Date).annotations({ description: "Null if the conversation has no messages" }),
  ),
  stats: encodeOnly(
    Schema.Struct({ total_tokens: Schema.Int, input_tokens: Schema.Int, output_tokens: Schema.Int }),
    ({ inputTokens, outputTokens }: Conversation) => ({
      total_tokens: inputTokens + outputTokens,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
    }),
  ),
}

const withStats = (conversation: Conversation) => ({ ...conversation, stats: conversation })

export const ConversationBody = encodeOnly(Schema.Struct(conversationFields), withStats).annotations({
  identifier: "Conversation",
  ...example(conversationExample),
})

export const MessageBody = encodeOnly(Schema.Struct(messageFields), withIsEdited).annotations({
  identifier: "Message",
  ...example(messageExample),
})

/** A conversation with its messages, if they were requested. */
export const ConversationWithMessagesBody = encodeOnly(
  Schema.Struct({ ...conversationFields, messages: optional(Schema.Array(MessageBody)) }),
  ({
    conversation,
    ...messages
  }: Pick<ConversationWithMessages, "conversation"> & Partial<ConversationWithMessages>) => ({
    ...withStats(conversation),
    ...messages,
  }),
).annotations(example({ ...conversationExample, messages: [messageExample] }))

/** Encodes a conversation for a Socket.IO event. */
export const encodeConversation = Schema.encodeSync(ConversationBody)
/** Encodes a message for a Socket.IO event. */
export const encodeMessage = Schema.encodeSync(MessageBody)
