import type { Assistant, AssistantId } from "../../assistants/Assistants/Model"
import type {
  ArenaSessionId,
  ConversationId,
  MessageDetails,
  MessageId,
} from "../../conversations/Conversations/Model"
import type { UserId } from "../../shared/Actor"

/** How many assistants answer side by side. */
export const fewestLanes = 2
export const mostLanes = 4

/** What a session is called before anything is said in it. */
export const untitledSession = "New arena session"

/** Where one assistant answers: a conversation of its own, with what was said to it and what it said. */
interface Lane {
  /** Of one that may be gone since. */
  readonly assistantId: AssistantId
  readonly conversationId: ConversationId
}

/** The same prompts to several assistants side by side. */
export interface ArenaSession {
  readonly id: ArenaSessionId
  readonly userId: UserId
  readonly title: string
  /** Whether the title is to stay: the first prompt gives it where nobody did. */
  readonly isTitled: boolean
  readonly lanes: ReadonlyArray<Lane>
  /** Prompts, each counted once however many lanes it went to, and answers. */
  readonly messageCount: number
  /** Null while nothing is said in it. */
  readonly lastMessageAt: Date | null
  readonly createdAt: Date
}

/** What is said in a session: a prompt, or the answer of one of its assistants. */
export interface ArenaMessage extends Pick<MessageDetails, "content" | "role" | "metadata" | "createdAt"> {
  readonly id: MessageId
  readonly sessionId: ArenaSessionId
  /** Whose answer it is; null: it is a prompt. */
  readonly assistantId: AssistantId | null
}

/** A session with all that was said in it, and those of its assistants that are still to be seen. */
export interface ArenaRecord {
  readonly session: ArenaSession
  /** Oldest first: each prompt once, and after it the answers, lane by lane. */
  readonly messages: ReadonlyArray<ArenaMessage>
  readonly assistants: ReadonlyArray<Assistant>
}

/** Which assistants are to answer: 2 to 4 of them. Without a title the first prompt gives one. */
export interface NewArenaSession {
  readonly assistantIds: ReadonlyArray<AssistantId>
  readonly title?: string
}

/**
 * A prompt to the lanes of these assistants, one or more of the session's. Without a session it is
 * the first in a new one.
 */
export interface ArenaSaying {
  readonly sessionId?: ArenaSessionId | undefined
  readonly assistantIds: ReadonlyArray<AssistantId>
  readonly content: string
}
