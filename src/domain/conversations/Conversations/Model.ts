import { Schema } from "effect"
import { AssistantId } from "../../assistants/Assistants/Model"
import { FileId } from "../../files/Files/Model"
import { ScopeId } from "../../identity/Memberships/Model"
import { UserId } from "../../shared/Actor"
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

export const MessageRole = Schema.Literal("user", "assistant")
type MessageRole = typeof MessageRole.Type

export const Conversation = Schema.Struct({
  id: ConversationId,
  userId: UserId,
  title: Schema.String,
  /** Whether a person or the model chose the title; if so, it is not generated again. */
  hasTitle: Schema.Boolean,
  /** The assistant whose instructions answers follow; null if none was chosen or it was deleted. */
  assistantId: Schema.NullOr(AssistantId),
  /** The folder it is in: an id chosen by the user's front end. */
  folderId: Schema.NullOr(Schema.String),
  /** The project whose members may read it; null if only its user may. */
  projectId: Schema.NullOr(ScopeId),
  tags: Schema.Array(Schema.String),
  isPinned: Schema.Boolean,
  isArchived: Schema.Boolean,
  /** When it was added to the user's favorites; null if it is none of them. */
  favoritedAt: Schema.NullOr(Schema.DateFromSelf),
  messageCount: Schema.Int,
  /** Null while it has no messages. */
  lastMessageAt: Schema.NullOr(Schema.DateFromSelf),
  /** Tokens spent on its answers, prompt side. */
  inputTokens: Schema.Int,
  /** Tokens spent on its answers, completion side. */
  outputTokens: Schema.Int,
  createdAt: Schema.DateFromSelf,
  /** The time of the last message or of the last change, such as of the title. */
  updatedAt: Schema.DateFromSelf,
})
export type Conversation = typeof Conversation.Type

/** The fields of a conversation to create. Without a title the model generates one. */
export interface NewConversation {
  readonly title?: string
  readonly assistantId?: AssistantId | null
  readonly folderId?: string | null
  /** Whether it is archived and hidden from the history from the start. */
  readonly isArchived?: boolean
}

export type ConversationChange = Partial<
  Pick<Conversation, "title" | "folderId" | "tags" | "isPinned" | "isArchived" | "assistantId">
>

/** The sort key of a conversation list: titles ascending, everything else descending. */
export const ConversationSort = Schema.Literal("last_message_at", "created_at", "message_count", "title")
export type ConversationSort = typeof ConversationSort.Type

/** Selects conversations. `search` matches titles literally and case-insensitively. */
export interface ConversationFilter {
  readonly archived: boolean
  readonly folderId?: string | undefined
  readonly search?: string | undefined
  readonly sort: ConversationSort
}

export const Message = Schema.Struct({
  id: MessageId,
  conversationId: ConversationId,
  role: MessageRole,
  content: Schema.String,
  createdAt: Schema.DateFromSelf,
})
export type Message = typeof Message.Type

/** A file attached to a message. */
export const Attachment = Schema.Struct({
  fileId: FileId,
  kind: Schema.Literal("image", "file"),
  name: Schema.String,
  mediaType: Schema.String,
  /** In bytes. */
  size: Schema.Int,
})
export type Attachment = typeof Attachment.Type

/** A message of a model's context window, with attachments by reference. */
export interface ChatMessage {
  readonly role: MessageRole
  readonly content: string
  readonly attachments: ReadonlyArray<Attachment>
}

/** Describes how a finished answer was generated. */
const AnswerMetadata = Schema.Struct({
  model: Schema.String,
  promptTokens: Schema.Int,
  completionTokens: Schema.Int,
  milliseconds: Schema.Int,
  /** An exact decimal; null when the price is unknown. */
  costUsd: Schema.NullOr(Schema.String),
})
export type AnswerMetadata = typeof AnswerMetadata.Type

/** An earlier content of an edited message. */
const Edit = Schema.Struct({
  content: Schema.String,
  /** ISO 8601: when this content was replaced. */
  editedAt: Schema.String,
})

/** A message with its attachments, edits and generation metadata. */
export const MessageWithMetadata = Schema.Struct({
  ...Message.fields,
  attachments: Schema.Array(Attachment),
  /** Earlier contents, oldest first. */
  editHistory: Schema.Array(Edit),
  /** Null for prompts and for answers still being generated. */
  metadata: Schema.NullOr(AnswerMetadata),
})
export type MessageWithMetadata = typeof MessageWithMetadata.Type

/** A conversation with its messages, as administrators read it. `messages` is empty unless requested. */
export interface ConversationWithMessages {
  readonly conversation: Conversation
  readonly messages: ReadonlyArray<MessageWithMetadata>
}

/** Selects messages of a conversation. `search` matches literally and case-insensitively. */
export interface MessageFilter {
  readonly role?: MessageRole | undefined
  readonly before?: Date | undefined
  readonly after?: Date | undefined
  readonly search?: string | undefined
}

/** A message to insert: a prompt, or an answer that no generation writes. */
export interface NewMessage {
  readonly id: MessageId
  readonly content: string
  readonly attachments: ReadonlyArray<Attachment>
}

/** Determines where an exchange of prompt and answer is written. */
export type ExchangeTarget =
  /** At the end of a conversation, after a new prompt; within a lane of the arena session, if given. */
  | {
      readonly _tag: "Append"
      readonly id: ConversationId
      readonly arena?: ArenaSessionId | undefined
      readonly prompt: NewMessage
    }
  /** In a new conversation that starts with the prompt. */
  | {
      readonly _tag: "NewConversation"
      readonly id: ConversationId
      readonly conversation: NewConversation
      readonly prompt: NewMessage
    }
  /** After an existing prompt, edited if `content` is given; the messages that followed it are deleted. */
  | { readonly _tag: "Regenerate"; readonly promptId: MessageId; readonly content?: string }

export const defaultTitle = "New chat"

/** A tag: 1 to 50 characters on one line. */
export const Tags = Schema.Array(SingleLineText(1, 50)).pipe(
  Schema.maxItems(20, { message: () => "must be at most 20 tags" }),
)

/** A folder's id, chosen by the user's front end. */
export const FolderId = SingleLineText(1, 100)

/** 1 to 200 characters on one line. */
export const Title = SingleLineText(1, 200)

/** The text of a prompt: 1 to 100,000 characters, not all of them blank. */
export const Prompt = MultilineText(1, 100_000)
