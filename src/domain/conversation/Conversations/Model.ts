import { Schema } from "effect"
import type { UserId } from "../../kernel/Actor"
import { Id } from "../../kernel/Ids"
import { Line, Text } from "../../kernel/Text"

/** A conversation's id: a UUID, version 7. */
export const ConversationId = Id.pipe(Schema.brand("ConversationId"))
export type ConversationId = typeof ConversationId.Type

/** A message's id: a UUID, version 7. */
export const MessageId = Id.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

const MessageRole = Schema.Literal("user", "assistant")
type MessageRole = typeof MessageRole.Type

export interface Conversation {
  readonly id: ConversationId
  readonly userId: UserId
  readonly title: string
  readonly createdAt: Date
}

export interface Message {
  readonly id: MessageId
  readonly conversationId: ConversationId
  readonly role: MessageRole
  readonly content: string
  readonly createdAt: Date
}

/** Which messages of a conversation to show. `search` is text to find as it stands, in any case. */
export interface MessageFilter {
  readonly role?: MessageRole | undefined
  readonly before?: Date | undefined
  readonly after?: Date | undefined
  readonly search?: string | undefined
}

/** A prompt and the answer to come, as they were added to a conversation. */
export interface Exchange {
  readonly prompt: Message
  readonly answer: Message
  /** The message before the prompt, when there is one. */
  readonly previousMessageId: MessageId | null
}

export const untitled = "New chat"

/** 1 to 200 characters on one line. */
export const Title = Line(1, 200)

/** What a person says to a model: 1 to 100,000 characters, not all of them blank. */
export const Prompt = Text.pipe(
  Schema.filter((text) => text.trim() !== "" || "must not be empty"),
  Schema.maxLength(100_000, { message: () => "must be at most 100000 characters" }),
)
