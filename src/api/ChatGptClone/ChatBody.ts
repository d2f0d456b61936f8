import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../domain/assistants/Assistants/Model"
import {
  type Conversation,
  ConversationId,
  MessageId,
  MessageRole,
} from "../../domain/conversations/Conversations/Model"
import { ScopeId } from "../../domain/identity/Memberships/Model"
import { example } from "../../http/Example"
import { encodeOnly, renamed } from "../../http/Fields"

export const chatExample = {
  id: "019bc0f1-2e10-7c3a-9d52-2b8f4d6a1c07",
  title: "Trip to Kyoto",
  projectId: null,
  agentId: null,
  isFavorite: false,
  messageCount: 2,
  createdAt: "2026-01-15T09:30:00.000Z",
  updatedAt: "2026-01-15T09:31:20.000Z",
}

export const chatFields = {
  id: ConversationId,
  title: Schema.String,
  projectId: Schema.NullOr(ScopeId).annotations({ description: "The project whose members may read it" }),
  assistantId: renamed(
    "agentId",
    Schema.NullOr(AssistantId).annotations({ description: "The agent that answers in it" }),
  ),
  isFavorite: Schema.Boolean,
  messageCount: Schema.Int,
  createdAt: Schema.Date,
  updatedAt: Schema.Date.annotations({ description: "The time of its last message or change" }),
}

/** Adds the fields of the body that a conversation does not have itself. */
export const withIsFavorite = (conversation: Conversation) => ({
  ...conversation,
  isFavorite: conversation.favoritedAt !== null,
})

export const ChatBody = encodeOnly(Schema.Struct(chatFields), withIsFavorite).annotations({
  identifier: "ChatRecord",
  ...example(chatExample),
})

export const messageExample = {
  id: "019bc0f1-2e11-7c3a-9d52-6a0c2e4f8b13",
  chatId: chatExample.id,
  role: "user",
  content: "Where should I go in spring?",
  createdAt: "2026-01-15T09:31:20.000Z",
}

export const MessageBody = Schema.Struct({
  id: MessageId,
  conversationId: renamed("chatId", ConversationId),
  role: MessageRole,
  content: Schema.String,
  createdAt: Schema.Date,
}).annotations({ identifier: "MessageRecord", ...example(messageExample) })

/** The path parameter that names a chat. */
export const chatParam = <const Name extends string>(name: Name) =>
  HttpApiSchema.param(
    name,
    ConversationId.annotations({ description: "The chat's id", ...example(chatExample.id) }),
  )
