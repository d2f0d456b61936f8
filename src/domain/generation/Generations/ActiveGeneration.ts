import type { Deferred, Effect, Fiber } from "effect"
import type { MessageId } from "../../conversations/Conversations/Model"
import type { ModelError, StreamResult } from "../../models/LanguageModel"
import type { EventBuffer } from "./EventBuffer"
import type { GenerationEvent, GenerationId } from "./Model"

/** A generation that is stored as running but whose model call has not started. */
export interface PreparedGeneration {
  readonly id: GenerationId
  readonly model: string
  readonly answerId: MessageId
  /** An estimate, used when the provider reports no token counts. */
  readonly promptTokens: number
  /** The first events of its log. */
  readonly initialEvents: ReadonlyArray<GenerationEvent>
  /** Streams the model's answer into the buffer; calls `onRequestSent` just before it calls the provider. */
  readonly execute: (
    buffer: EventBuffer,
    onRequestSent: () => void,
  ) => Effect.Effect<StreamResult, ModelError>
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
