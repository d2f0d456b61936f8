import type { Deferred, Fiber } from "effect"
import type { ChatMessage, ConversationId, MessageId } from "../../conversations/Conversations/Model"
import type { ModelMessage, ModelRequest } from "../../models/LanguageModel"
import type { Actor } from "../../shared/Actor"
import type { EventBuffer } from "./EventBuffer"
import type { GenerationEvent, GenerationId } from "./Model"

/** A message to send to the model, with its attachments by reference. */
export type StoredMessage = Omit<ModelMessage, "files"> & Pick<ChatMessage, "attachments">

/** A generation that is stored as running but whose model call has not started. */
export interface PreparedGeneration {
  readonly id: GenerationId
  readonly actor: Actor
  readonly model: string
  readonly answerId: MessageId
  readonly conversationId: ConversationId
  readonly request: Omit<ModelRequest, "messages">
  readonly messages: ReadonlyArray<StoredMessage>
  /** An estimate, used when the provider reports no token counts. */
  readonly promptTokens: number
  /** The first events of its log. */
  readonly initialEvents: ReadonlyArray<GenerationEvent>
}

/** A generation that this process is running, or that has ended recently and is still buffered. */
export interface ActiveGeneration extends PreparedGeneration {
  readonly buffer: EventBuffer
  /** Completes when the generation has ended and its terminal event is in the database. */
  readonly finished: Deferred.Deferred<void>
  fiber: Fiber.RuntimeFiber<void> | undefined
  /** When the model call must be done, in milliseconds since the Unix epoch. */
  readonly deadline: number
  /** Whether the provider was called: from then on the prompt is charged. */
  requestSent: boolean
  /** How the generation ends if its fiber is interrupted; `length` when a limit was exceeded. */
  interruptReason: "stopped" | "interrupted" | "length"
  /** Set while a checkpoint of it is being written; finalizing waits for that. */
  checkpointing: Deferred.Deferred<void> | undefined
  finalizing: boolean
}
