import type { ConversationId, MessageId } from "../../conversations/Conversations/Model"
import type { GenerationEvent } from "./Model"

/** What was said, and when an answer to it was begun. */
export interface Opening {
  readonly conversationId: ConversationId
  readonly promptId: MessageId
  /** What stands before the prompt. */
  readonly previousId: MessageId | null
  readonly content: string
  readonly promptedAt: Date
  readonly startedAt: Date
}

interface OpeningOfAnswer extends Opening {
  readonly answerId: MessageId
  readonly model: string
}

/** What a log begins with. */
export const openingEvents = (opening: OpeningOfAnswer): ReadonlyArray<GenerationEvent> => [
  {
    type: "prompt",
    seq: 0,
    messageId: opening.promptId,
    previousMessageId: opening.previousId,
    conversationId: opening.conversationId,
    content: opening.content,
    createdAt: opening.promptedAt.toISOString(),
  },
  {
    type: "started",
    seq: 1,
    messageId: opening.answerId,
    model: opening.model,
    createdAt: opening.startedAt.toISOString(),
  },
]
