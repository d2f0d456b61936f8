import type { Assistant, AssistantId } from "../../assistants/Assistants/Model"
import type {
  ArenaSessionId,
  ConversationId,
  MessageId,
  MessageWithMetadata,
} from "../../conversations/Conversations/Model"
import type { UserId } from "../../shared/Actor"

/** How many assistants a session compares. */
export const minLanes = 2
export const maxLanes = 4

/** The title of a session before its first prompt. */
export const defaultTitle = "New arena session"

/** The part of a session in which one assistant answers: a conversation of its own. */
interface Lane {
  /** The assistant may have been deleted since. */
  readonly assistantId: AssistantId
  readonly conversationId: ConversationId
}

/** A comparison of several assistants that receive the same prompts. */
export interface ArenaSession {
  readonly id: ArenaSessionId
  readonly userId: UserId
  readonly title: string
  /** Whether the title is final: otherwise the first prompt determines it. */
  readonly hasTitle: boolean
  readonly lanes: ReadonlyArray<Lane>
  /** The number of prompts, each counted once for all its lanes, and of answers. */
  readonly messageCount: number
  /** Null while the session is empty. */
  readonly lastMessageAt: Date | null
  readonly createdAt: Date
}

/** A message of a session: a prompt, or the answer of one of its assistants. */
export interface ArenaMessage
  extends Pick<MessageWithMetadata, "content" | "role" | "metadata" | "createdAt"> {
  readonly id: MessageId
  readonly sessionId: ArenaSessionId
  /** The assistant that answered; null for a prompt. */
  readonly assistantId: AssistantId | null
}

/** A session with all its messages, and those of its assistants that are still visible to the user. */
export interface ArenaTranscript {
  readonly session: ArenaSession
  /** Oldest first: each prompt once, followed by its answers in the order of the lanes. */
  readonly messages: ReadonlyArray<ArenaMessage>
  readonly assistants: ReadonlyArray<Assistant>
}

/** Input of a new session of 2 to 4 assistants. Without a title the first prompt determines it. */
export interface NewArenaSession {
  readonly assistantIds: ReadonlyArray<AssistantId>
  readonly title?: string
}

/**
 * A prompt for one or more of a session's assistants. Without a session id it becomes the first prompt
 * of a new session.
 */
export interface ArenaPromptInput {
  readonly sessionId?: ArenaSessionId | undefined
  readonly assistantIds: ReadonlyArray<AssistantId>
  readonly content: string
}
