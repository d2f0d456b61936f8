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

/** A run's id: a UUID, version 7. */
export const GenerationId = Uuid.pipe(Schema.brand("GenerationId"))
export type GenerationId = typeof GenerationId.Type

/** Every run ends in exactly one of the last four. */
export const GenerationState = Schema.Literal("running", "completed", "stopped", "failed", "interrupted")
export type GenerationState = typeof GenerationState.Type
export type Outcome = Exclude<GenerationState, "running">

/** The writing of one answer, from prompt to outcome. */
export interface Generation {
  readonly id: GenerationId
  readonly conversationId: ConversationId
  readonly promptId: MessageId
  /** Null when the run ended before it said anything. */
  readonly answerId: MessageId | null
  readonly model: string
  readonly state: GenerationState
  readonly startedAt: Date
  readonly endedAt: Date | null
}

/**
 * Something said to a model: in a conversation that is there, or as the first thing in a new one. A
 * lane of an arena session is there for those who name the session.
 */
export type Saying = {
  readonly content: string
  readonly attachments?: ReadonlyArray<Attachment>
} & (
  | { readonly conversationId: ConversationId; readonly arena?: ArenaSessionId }
  | { readonly conversation: NewConversation }
)

/** One thing said in several conversations: it counts once, and has one time, unless a conversation is ahead of it. */
export interface Together {
  readonly at: Date
  readonly isFirst: boolean
}

/** Who answers, and how: the default model in its usual manner, unless something is said. */
export interface Voice extends Partial<Omit<ModelRequest, "turns">> {
  /** Instructions that come before everything that was said. */
  readonly system?: string
}

/** How an assistant answers. */
export const voiceOf = ({ modelId, systemPrompt, parameters }: Assistant): Voice => ({
  model: modelId,
  system: systemPrompt,
  temperature: parameters.temperature,
  topP: parameters.topP,
  frequencyPenalty: parameters.frequencyPenalty,
  presencePenalty: parameters.presencePenalty,
  maxOutputTokens: parameters.maxTokens,
})

const Seq = Schema.Int.annotations({ description: "The event's number in its run's log, from 0" })

const Usage = Schema.Struct({ promptTokens: Schema.Int, completionTokens: Schema.Int })

/** The log of a run as it is stored and read: numbered from 0, appended to, never changed. */
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
        description: "Seconds to wait before the next try, where the provider told",
      }),
    }),
    usage: Usage,
  }),
  Schema.Struct({ type: Schema.Literal("interrupted"), seq: Seq, usage: Usage }),
)
export type GenerationEvent = typeof GenerationEvent.Type

/** The last event of a log, before it has been given its number. */
export type Ending = GenerationEvent extends infer Event
  ? Event extends { readonly type: Outcome }
    ? Omit<Event, "seq">
    : never
  : never

export const isEnding = (event: GenerationEvent): boolean =>
  event.type !== "delta" && event.type !== "prompt" && event.type !== "started"

/** How runs behave; the settings of the same names say it for a whole server. */
export class GenerationSettings extends Context.Reference<GenerationSettings>()("GenerationSettings", {
  defaultValue: () => ({
    /** Text that comes within this time of the last event joins the next one. */
    coalesce: Duration.millis(15),
    /** How often what has been said so far is written down. */
    checkpoint: Duration.seconds(1),
    /** How long runs may go on once the server has been asked to shut down. */
    drain: Duration.seconds(10),
    /** How long a model may go on speaking, and how much it may say, in UTF-16 units: then it has said enough. */
    longest: Duration.minutes(30),
    mostText: 1_000_000,
    /** The most that one answer to a user with a token limit may take, in tokens. */
    maxOutputTokens: 4096,
    /** How much of a conversation a model is told, in tokens, its latest part first. */
    contextTokens: 32_000,
  }),
}) {}
