import type { Deferred, Effect, Fiber } from "effect"
import type { MessageId } from "../../conversations/Conversations/Model"
import type { ModelError, Spoken } from "../../models/LanguageModel"
import type { LiveLog } from "./EventBuffer"
import type { GenerationEvent, GenerationId } from "./Model"

/** A run that is written down and not begun. */
export interface NewRun {
  readonly id: GenerationId
  readonly model: string
  readonly answerId: MessageId
  /** An estimate, for a provider that does not count. */
  readonly promptTokens: number
  /** What its log begins with. */
  readonly opening: ReadonlyArray<GenerationEvent>
  /** Lets the model speak into the log, and says so when it is asked to. */
  readonly speak: (log: LiveLog, asking: () => void) => Effect.Effect<Spoken, ModelError>
}

/** A run that goes on in this process, or has lately. */
export interface Run extends NewRun {
  readonly log: LiveLog
  /** Done when the run has ended and the ending is in the database. */
  readonly over: Deferred.Deferred<void>
  fiber: Fiber.RuntimeFiber<void> | undefined
  /** When its model must be done, in milliseconds since 1970. */
  readonly due: number
  /** Whether the model has been asked: what it was told costs something from then on. */
  asked: boolean
  /** What it means for this run to be cut short; the last when the model has said enough. */
  cutShort: "stopped" | "interrupted" | "length"
  /** Set while it is being written down; its ending waits for that. */
  saving: Deferred.Deferred<void> | undefined
  closing: boolean
}
