import type { ConversationId, MessageId } from "../../conversations/Conversations/Model"
import type { GenerationEvent } from "./Model"

/** A stored prompt, and when the generation of its answer started. */
export interface GenerationStart {
  readonly conversationId: ConversationId
  readonly promptId: MessageId
  /** The message before the prompt; null when the prompt is the first one. */
  readonly previousId: MessageId | null
  readonly content: string
  readonly promptedAt: Date
  readonly startedAt: Date
}

interface InitialEventsInput extends GenerationStart {
  readonly answerId: MessageId
  readonly model: string
}

/** Returns the first events of a generation's log: `prompt` and `started`. */
export const initialEvents = (start: InitialEventsInput): ReadonlyArray<GenerationEvent> => [
  {
    type: "prompt",
    seq: 0,
    messageId: start.promptId,
    previousMessageId: start.previousId,
    conversationId: start.conversationId,
    content: start.content,
    createdAt: start.promptedAt.toISOString(),
  },
  {
    type: "started",
    seq: 1,
    messageId: start.answerId,
    model: start.model,
    createdAt: start.startedAt.toISOString(),
  },
]
