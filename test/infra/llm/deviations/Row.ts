import type {
  FinishReason,
  ModelError,
  ModelRequest,
  TokenUsage,
} from "../../../../src/domain/models/LanguageModel"
import { event, exactAnswer, type Script, type Step } from "../../../support/ScriptedProvider/Script"

/** What the port makes of a response. */
export interface Outcome {
  /** The text of the answer; "" by default. */
  readonly text?: string
  readonly reasoning?: string | undefined
  readonly reason?: FinishReason | undefined
  /** Undefined when the provider's token counts are missing or not believed. */
  readonly usage?: TokenUsage | undefined
  /** The error that ends the call; the text before it is still delivered. */
  readonly error?: ModelError["_tag"] | undefined
}

/** A row of the table of deviations: what a provider sends, and what the port makes of it. */
export interface Deviation {
  readonly name: string
  /** The provider's responses, in the order of the requests. */
  readonly sends: Script | ReadonlyArray<Script>
  readonly expected: Outcome
  /** The request of the port; a short prompt by default. */
  readonly request?: ModelRequest
  /** Configuration beside the provider's URL and key. */
  readonly config?: Readonly<Record<string, string>>
  /** The requests that the provider receives, in order: of the fields named in any of them, these and no others. */
  readonly receives?: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Whether the answer is requested as a whole instead of streamed. */
  readonly isComplete?: boolean
}

/** A chunk with one choice. */
export const chunk = (choice: object, more: object = {}): Step => event({ choices: [choice], ...more })

/** A response of exactly these steps: strings are deltas of text. */
export const sends = (...steps: ReadonlyArray<string | Step>): Script => exactAnswer(...steps)
