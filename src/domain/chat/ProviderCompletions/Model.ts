import type { AssistantId } from "../../assistants/Assistants/Model"
import type { ModelMessage, ModelRequest } from "../../models/LanguageModel"
import type { ProviderId } from "../../models/ProviderAccount"
import type { CompletionResult, CompletionStream } from "../Completions/Model"

/** A request to a model of the provider that the client names. */
export interface ProviderRequest extends Pick<ModelRequest, "temperature" | "maxOutputTokens"> {
  readonly provider: ProviderId
  /** The provider's own name of the model; by default the one that the user configured, or the provider's. */
  readonly model?: string
  /** Sent in this order, system messages included. */
  readonly messages: ReadonlyArray<Pick<ModelMessage, "role" | "content">>
  /** An assistant whose prompt comes before all messages. */
  readonly personaId?: AssistantId
}

export interface ProviderCompletion extends CompletionResult {
  /** The provider's own name of the model that answered. */
  readonly model: string
}

export interface ProviderStream {
  readonly model: string
  readonly open: CompletionStream
}
