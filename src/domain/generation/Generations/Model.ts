import { Context, Duration, Schema } from "effect"
import type { Assistant } from "../../assistants/Assistants/Model"
import {
  type ArenaSessionId,
  type Attachment,
  ConversationId,
  MessageId,
  type NewConversation,
} from "../../conversations/Conversations/Model"
import type { ModelRequest } from "../../models/LanguageModel"
import { Uuid } from "../../shared/Ids"

/** The id of a generation: a UUID, version 7. */
export const GenerationId = Uuid.pipe(Schema.brand("GenerationId"))
export type GenerationId = typeof GenerationId.Type

/** The state of a generation; all but `running` are terminal. */
export const GenerationState = Schema.Literal("running", "completed", "stopped", "failed", "interrupted")
export type GenerationState = typeof GenerationState.Type
type TerminalState = Exclude<GenerationState, "running">

/** The generation of one answer by a model, from its prompt to a terminal state. */
export const Generation = Schema.Struct({
  id: GenerationId,
  conversationId: ConversationId,
  promptId: MessageId,
  /** Null when the generation ended without any content: then the answer is deleted. */
  answerId: Schema.NullOr(MessageId),
  model: Schema.String,
  state: GenerationState,
  startedAt: Schema.DateFromSelf,
  endedAt: Schema.NullOr(Schema.DateFromSelf),
})
export type Generation = typeof Generation.Type

/**
 * A prompt to a model: in an existing conversation, or as the first message of a new one. A lane of an
 * arena session is accessible only together with the session's id.
 */
export type PromptInput = {
  readonly content: string
  readonly attachments?: ReadonlyArray<Attachment>
} & (
  | { readonly conversationId: ConversationId; readonly arena?: ArenaSessionId }
  | { readonly conversation: NewConversation }
)

/** What generations of one prompt in several conversations share. */
export interface BatchContext {
  /** The prompt's time in all conversations, except where a later message exists already. */
  readonly timestamp: Date
  /** Whether the prompt counts as a message of the user's: it does so once per batch. */
  readonly countMessage: boolean
}

/** Selects the model and its parameters. Absent ones are the default model and the provider's defaults. */
export interface GenerationOptions extends Partial<Omit<ModelRequest, "messages">> {
  /** The system prompt. */
  readonly system?: string
}

/** Returns the generation options that an assistant is configured with. */
export const optionsOf = ({ modelId, systemPrompt, parameters }: Assistant): GenerationOptions => {
  const { maxTokens, ...sampling } = parameters
  return {
    ...sampling,
    model: modelId,
    system: systemPrompt,
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
  }
}

const Seq = Schema.Int.annotations({ description: "The event's number in its generation's log, from 0" })

const Usage = Schema.Struct({ promptTokens: Schema.Int, completionTokens: Schema.Int })

/** An event of a generation's log, as stored and as sent. The log is append-only and numbered from 0. */
export const GenerationEvent = Schema.Union(
  Schema.Struct({
    type: Schema.Literal("prompt"),
    seq: Seq,
    messageId: MessageId,
    previousMessageId: Schema.NullOr(MessageId),
    conversationId: ConversationId,
    content: Schema.String,
    createdAt: Schema.String,
  }),
  Schema.Struct({
    type: Schema.Literal("started"),
    seq: Seq,
    messageId: MessageId,
    model: Schema.String,
    createdAt: Schema.String,
  }),
  Schema.Struct({ type: Schema.Literal("delta"), seq: Seq, text: Schema.String }),
  Schema.Struct({
    type: Schema.Literal("completed"),
    seq: Seq,
    reason: Schema.Literal("stop", "length"),
    usage: Usage,
  }),
  Schema.Struct({ type: Schema.Literal("stopped"), seq: Seq, usage: Usage }),
  Schema.Struct({
    type: Schema.Literal("failed"),
    seq: Seq,
    error: Schema.Struct({
      code: Schema.String,
      message: Schema.String,
      retryAfter: Schema.optionalWith(Schema.Int, { exact: true }).annotations({
        description: "Seconds to wait before retrying, if the provider sent them",
      }),
    }),
    usage: Usage,
  }),
  Schema.Struct({ type: Schema.Literal("interrupted"), seq: Seq, usage: Usage }),
)
export type GenerationEvent = typeof GenerationEvent.Type

/** A piece of reasoning, after so many UTF-16 code units of it. */
export interface ReasoningPiece {
  readonly offset: number
  readonly text: string
}

/**
 * What a model reasons, for subscribers that ask for it: an event beside the log, which has no number and
 * is followed by the events that it came before.
 */
export const ReasoningEvent = Schema.Struct({
  type: Schema.Literal("reasoning"),
  offset: Schema.Int.annotations({ description: "How many UTF-16 code units of reasoning came before" }),
  text: Schema.String,
})
export type ReasoningEvent = typeof ReasoningEvent.Type

/** How far a subscriber that asks for reasoning has read: the last event's number, and so many UTF-16 code units. */
export interface ReadPosition {
  readonly seq: number
  readonly offset: number
}

/** An event with the position after it. */
export interface PositionedEvent {
  readonly event: GenerationEvent | ReasoningEvent
  readonly position: ReadPosition
}

/** The last event of a log, before its number is assigned. */
export type TerminalEvent = GenerationEvent extends infer Event
  ? Event extends { readonly type: TerminalState }
    ? Omit<Event, "seq">
    : never
  : never

/** Returns whether an event is the last one of its log. */
export const isTerminal = (event: GenerationEvent): boolean =>
  event.type !== "delta" && event.type !== "prompt" && event.type !== "started"

/** Limits and intervals of generations, configurable for the whole server. */
export class GenerationSettings extends Context.Reference<GenerationSettings>()("GenerationSettings", {
  defaultValue: () => ({
    /** Text that arrives within this time after a delta is coalesced into the next one. */
    coalesceWindow: Duration.millis(15),
    /** How often partial answers are persisted. */
    checkpointInterval: Duration.seconds(1),
    /** How long generations may continue after shutdown starts. */
    drainTimeout: Duration.seconds(10),
    /** The maximum duration of a generation; then the text so far becomes the answer. */
    maxDuration: Duration.minutes(30),
    /** The maximum length of an answer, in UTF-16 code units; then the text so far becomes the answer. */
    maxAnswerChars: 1_000_000,
    /** The maximum length of one answer to a user with a token limit, in tokens. */
    maxOutputTokens: 4096,
    /** The maximum size of the conversation's end that is sent to a model, in tokens. */
    contextTokens: 32_000,
  }),
}) {}
