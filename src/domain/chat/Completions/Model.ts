import type { FinishReason, TokenUsage } from "../../models/LanguageModel"
import type { PullSource } from "../../shared/PullSource"

/** A completion, with the usage that was charged for it. */
export interface CompletionResult {
  readonly text: string
  readonly reason: FinishReason
  readonly usage: TokenUsage
}

/** What happens in a streamed completion: its text in parts, and one end. */
export type CompletionEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "completed"; readonly reason: FinishReason; readonly usage: TokenUsage }
  | { readonly type: "failed"; readonly error: { readonly code: string; readonly message: string } }

/** A completion whose first text has arrived. Read it once; the model call ends when it is closed. */
export type CompletionStream = () => PullSource<CompletionEvent>
