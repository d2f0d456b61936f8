import { Schema } from "effect"
import {
  type AnswerMetadata,
  ConversationId,
  MessageId,
  type MessageWithMetadata,
} from "../domain/conversations/Conversations/Model"
import { FileId } from "../domain/files/Files/Model"
import { example } from "./Example"
import { absentIfNull, encodeOnly, renamed } from "./Fields"
import { Timestamp } from "./Params"

/*
 * The body of a message as UniChat's document names its fields. It is here because the operation that
 * lists messages is UniChat's and the ChatGPT clone's at once.
 */

/** Encodes an exact decimal as the nearest JSON number. */
const Decimal = Schema.transform(Schema.Number, Schema.String, {
  strict: true,
  decode: String,
  encode: Number,
})

export const Metadata = encodeOnly(
  Schema.Struct({
    model: renamed("model_id", Schema.String),
    tokens: Schema.Struct({
      promptTokens: renamed("prompt", Schema.Int),
      completionTokens: renamed("completion", Schema.Int),
    }),
    milliseconds: renamed("generation_time_ms", Schema.Int),
    costUsd: renamed(
      "cost_usd",
      Schema.NullOr(Decimal).annotations({ description: "Null if the price is unknown" }),
    ),
  }),
  (metadata: AnswerMetadata) => ({ ...metadata, tokens: metadata }),
).annotations({
  identifier: "AnswerMetadata",
  ...example({
    model_id: "openai/scripted",
    tokens: { prompt: 12, completion: 8 },
    generation_time_ms: 2300,
    cost_usd: 0.000156,
  }),
})

export const messageExample = {
  id: "019bc0f1-2b8a-7c3a-9d52-edaf77ae6ed0",
  conversation_id: "019bc0f1-2b83-7c3a-9d52-3eb8b994c05b",
  role: "user",
  content: "How do I implement JWT authentication?",
  attachments: [],
  is_edited: false,
  edit_history: [],
  created_at: "2026-01-15T09:40:30.000Z",
}

export const messageFields = {
  id: MessageId,
  conversationId: renamed("conversation_id", ConversationId),
  role: Schema.Literal("user", "assistant"),
  content: Schema.String,
  attachments: Schema.Array(
    Schema.Struct({
      fileId: renamed("id", FileId),
      kind: renamed("type", Schema.Literal("image", "file")),
      name: Schema.String,
      mediaType: renamed("mime_type", Schema.String),
      size: Schema.Int.annotations({ description: "Size in bytes" }),
    }),
  ),
  isEdited: renamed("is_edited", Schema.Boolean),
  editHistory: renamed(
    "edit_history",
    Schema.Array(
      Schema.Struct({ content: Schema.String, editedAt: renamed("edited_at", Timestamp) }),
    ).annotations({ description: "Previous contents, oldest first" }),
  ),
  metadata: absentIfNull(
    Metadata.annotations({ description: "Set on an assistant's message once it is complete" }),
  ),
  createdAt: renamed("created_at", Schema.Date),
}

/** Adds the fields of the body that a message does not have itself. */
export const withIsEdited = (message: MessageWithMetadata) => ({
  ...message,
  isEdited: message.editHistory.length > 0,
})
