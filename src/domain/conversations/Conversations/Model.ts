import { Schema } from "effect"
import type { AssistantId } from "../../assistants/Assistants/Model"
import type { FileId } from "../../files/Files/Model"
import type { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

/** A conversation's id: a UUID, version 7. */
export const ConversationId = Uuid.pipe(Schema.brand("ConversationId"))
export type ConversationId = typeof ConversationId.Type

/** A message's id: a UUID, version 7. */
export const MessageId = Uuid.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

/** The id of the arena session that a conversation is a lane of: a UUID, version 7. */
export const ArenaSessionId = Uuid.pipe(Schema.brand("ArenaSessionId"))
export type ArenaSessionId = typeof ArenaSessionId.Type

const MessageRole = Schema.Literal("user", "assistant")
type MessageRole = typeof MessageRole.Type

export interface Conversation {
  readonly id: ConversationId
  readonly userId: UserId
  readonly title: string
  /** Whether the title is a person's or the model's choice, and to stay. */
  readonly isTitled: boolean
  /** Whose instructions its answers follow; null: nobody's in particular, or of one that is gone. */
  readonly assistantId: AssistantId | null
  /** Where its user keeps it: an id that the user's front end made. */
  readonly folderId: string | null
  readonly tags: ReadonlyArray<string>
  readonly isPinned: boolean
  readonly isArchived: boolean
  readonly messageCount: number
  /** Null while nothing is said in it. */
  readonly lastMessageAt: Date | null
  /** What its answers took to write, in tokens. */
  readonly inputTokens: number
  readonly outputTokens: number
  readonly createdAt: Date
}

/** What is known of a conversation before there is one. Without a title the model finds one. */
export interface NewConversation {
  readonly title?: string
  readonly assistantId?: AssistantId | null
  readonly folderId?: string | null
}

export type ConversationChange = Partial<
  Pick<Conversation, "title" | "folderId" | "tags" | "isPinned" | "isArchived" | "assistantId">
>

/** By what conversations are listed: the latest, the longest, or the first by name. */
export const ConversationSort = Schema.Literal("last_message_at", "created_at", "message_count", "title")
export type ConversationSort = typeof ConversationSort.Type

/** Which conversations to list. `search` is text to find in titles as it stands, in any case. */
export interface ConversationFilter {
  readonly archived: boolean
  readonly folderId?: string | undefined
  readonly search?: string | undefined
  readonly sort: ConversationSort
}

export interface Message {
  readonly id: MessageId
  readonly conversationId: ConversationId
  readonly role: MessageRole
  readonly content: string
  readonly createdAt: Date
}

/** A file that came with a message. */
export interface Attachment {
  readonly fileId: FileId
  readonly kind: "image" | "file"
  readonly name: string
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
}

/** What somebody said, as a model is told it but for the files themselves. */
export interface StoredTurn {
  readonly role: MessageRole
  readonly content: string
  readonly attachments: ReadonlyArray<Attachment>
}

/** How an answer came to be, once it is written. */
export interface AnswerMetadata {
  readonly model: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly milliseconds: number
  /** An exact decimal; null when the price is not known. */
  readonly costUsd: string | null
}

/** What a message said before it was edited. */
interface Edit {
  readonly content: string
  /** ISO 8601: until when it said so. */
  readonly editedAt: string
}

/** A message with all that is known of it. */
export interface MessageDetails extends Message {
  readonly attachments: ReadonlyArray<Attachment>
  /** What it said before, the oldest first. */
  readonly editHistory: ReadonlyArray<Edit>
  /** Of answers that are written. */
  readonly metadata: AnswerMetadata | null
}

/** A conversation as administrators see it. Without messages if they did not ask for them. */
export interface ConversationHistory {
  readonly conversation: Conversation
  readonly messages: ReadonlyArray<MessageDetails>
}

/** Which messages of a conversation to show. `search` is text to find as it stands, in any case. */
export interface MessageFilter {
  readonly role?: MessageRole | undefined
  readonly before?: Date | undefined
  readonly after?: Date | undefined
  readonly search?: string | undefined
}

/** Something that a person says to a model. */
interface NewPrompt {
  readonly id: MessageId
  readonly content: string
  readonly attachments: ReadonlyArray<Attachment>
}

/** Where an answer is to stand. */
export type Place =
  /** At the end of a conversation, after a new prompt; in a lane of this arena session, if one is named. */
  | {
      readonly _tag: "Existing"
      readonly id: ConversationId
      readonly arena?: ArenaSessionId | undefined
      readonly prompt: NewPrompt
    }
  /** In a conversation that begins with a new prompt. */
  | {
      readonly _tag: "New"
      readonly id: ConversationId
      readonly conversation: NewConversation
      readonly prompt: NewPrompt
    }
  /** After a prompt that is there, in other words if they are given; what followed it goes. */
  | { readonly _tag: "Again"; readonly promptId: MessageId; readonly content?: string }

export const untitled = "New chat"

/** A tag: 1 to 50 characters on one line. */
export const Tags = Schema.Array(SingleLineText(1, 50)).pipe(
  Schema.maxItems(20, { message: () => "must be at most 20 tags" }),
)

/** A folder's id, as its user's front end made it. */
export const FolderId = SingleLineText(1, 100)

/** 1 to 200 characters on one line. */
export const Title = SingleLineText(1, 200)

/** What a person says to a model: 1 to 100,000 characters, not all of them blank. */
export const Prompt = MultilineText(1, 100_000)
