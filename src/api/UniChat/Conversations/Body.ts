import { Schema } from "effect"
import type { Conversation, MessageWithMetadata } from "../../../domain/conversations/Conversations/Model"
import { Timestamp } from "../../../http/Params"

export const ConversationBody = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  user_id: Schema.String,
  config_id: Schema.NullOr(Schema.String).annotations({ description: "The config that answers in it" }),
  folder_id: Schema.NullOr(Schema.String),
  message_count: Schema.Int,
  is_pinned: Schema.Boolean,
  is_archived: Schema.Boolean,
  tags: Schema.Array(Schema.String),
  created_at: Timestamp,
  last_message_at: Schema.NullOr(Timestamp).annotations({ description: "null: no messages yet" }),
  stats: Schema.Struct({
    total_tokens: Schema.Int,
    input_tokens: Schema.Int,
    output_tokens: Schema.Int,
  }),
}).annotations({ identifier: "Conversation" })

export const toConversation = (conversation: Conversation): typeof ConversationBody.Type => ({
  id: conversation.id,
  title: conversation.title,
  user_id: conversation.userId,
  config_id: conversation.assistantId,
  folder_id: conversation.folderId,
  message_count: conversation.messageCount,
  is_pinned: conversation.isPinned,
  is_archived: conversation.isArchived,
  tags: conversation.tags,
  created_at: conversation.createdAt.toISOString(),
  last_message_at: conversation.lastMessageAt?.toISOString() ?? null,
  stats: {
    total_tokens: conversation.inputTokens + conversation.outputTokens,
    input_tokens: conversation.inputTokens,
    output_tokens: conversation.outputTokens,
  },
})

export const Metadata = Schema.Struct({
  model_id: Schema.String,
  tokens: Schema.Struct({ prompt: Schema.Int, completion: Schema.Int }),
  generation_time_ms: Schema.Int,
  cost_usd: Schema.NullOr(Schema.Number).annotations({ description: "null: the price is unknown" }),
}).annotations({ identifier: "AnswerMetadata" })

export const MessageBody = Schema.Struct({
  id: Schema.String,
  conversation_id: Schema.String,
  role: Schema.Literal("user", "assistant"),
  content: Schema.String,
  attachments: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      type: Schema.Literal("image", "file"),
      name: Schema.String,
      mime_type: Schema.String,
      size: Schema.Int.annotations({ description: "Bytes" }),
    }),
  ),
  is_edited: Schema.Boolean,
  edit_history: Schema.Array(Schema.Struct({ content: Schema.String, edited_at: Timestamp })).annotations({
    description: "Previous contents, oldest first",
  }),
  metadata: Schema.optionalWith(Metadata, { exact: true }).annotations({
    description: "Set on an assistant's message once it is complete",
  }),
  created_at: Timestamp,
}).annotations({ identifier: "Message" })

export const toMessage = (message: MessageWithMetadata): typeof MessageBody.Type => {
  const { attachments, editHistory, metadata } = message
  return {
    id: message.id,
    conversation_id: message.conversationId,
    role: message.role,
    content: message.content,
    attachments: attachments.map(({ fileId, kind, name, mediaType, size }) => ({
      id: fileId,
      type: kind,
      name,
      mime_type: mediaType,
      size,
    })),
    is_edited: editHistory.length > 0,
    edit_history: editHistory.map(({ content, editedAt }) => ({ content, edited_at: editedAt })),
    ...(metadata === null ? {} : { metadata: toMetadata(metadata) }),
    created_at: message.createdAt.toISOString(),
  }
}

export const toMetadata = (metadata: NonNullable<MessageWithMetadata["metadata"]>): typeof Metadata.Type => ({
  model_id: metadata.model,
  tokens: { prompt: metadata.promptTokens, completion: metadata.completionTokens },
  generation_time_ms: metadata.milliseconds,
  cost_usd: metadata.costUsd === null ? null : Number(metadata.costUsd),
})
