import { Context, Data, Duration, type Effect } from "effect"
import type { ProviderAccount } from "./ProviderAccount"

/** A file that is sent to the model as part of a message. */
export interface FilePart {
  readonly kind: "image" | "file"
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A message of the conversation as it is sent to the model. */
export interface ModelMessage {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
  readonly files?: ReadonlyArray<FilePart>
}

export interface ModelRequest {
  /** A model id as the catalog lists it: `openai/gpt-4o`, `demo`. With an account, the provider's own name. */
  readonly model: string
  /** The user's own account to make the call with; by default the server's. */
  readonly account?: ProviderAccount
  readonly messages: ReadonlyArray<ModelMessage>
  /** The maximum length of the answer, in tokens; the provider's default when absent. */
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
}

/** Token counts as reported by the provider, as far as request and answer explain them. */
export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
}

export type FinishReason = "stop" | "length"

/** The end of a stream that completed; its text went to `onDelta`. */
export interface StreamResult {
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}

export interface Completion {
  readonly text: string
  /** What the model reasoned before, if the provider sent it. Counts as output, but is not part of the answer. */
  readonly reasoning?: string
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}

/** The provider is rate limiting this server; `retryAfter` is set when the provider sent it. */
export class ModelRateLimited extends Data.TaggedError("ModelRateLimited")<{
  readonly provider: string
  readonly retryAfter: Duration.Duration | undefined
}> {
  /** The whole seconds to wait before retrying, when the provider sent them. */
  get seconds(): number | undefined {
    return this.retryAfter && Math.max(1, Math.ceil(Duration.toSeconds(this.retryAfter)))
  }
  override get message() {
    const { provider, seconds } = this
    if (seconds === undefined) return `${provider} is rate limiting this server. Wait a moment and try again.`
    return `${provider} is rate limiting this server. Try again in ${seconds} second${seconds === 1 ? "" : "s"}.`
  }
}

/** The API key is missing, invalid or not allowed to use this model, or its account is out of credit. */
export class ModelAccessDenied extends Data.TaggedError("ModelAccessDenied")<{
  readonly provider: string
  readonly reason: "credentials" | "credit"
  /** Whether it is the user's own key, and not the server's. */
  readonly isOwnKey?: boolean | undefined
}> {
  override get message() {
    if (this.isOwnKey) {
      return this.reason === "credit"
        ? `Your account with ${this.provider} is out of credit.`
        : `${this.provider} rejected your API key.`
    }
    return this.reason === "credit"
      ? `This server's account with ${this.provider} is out of credit. Ask the administrator to top it up.`
      : `${this.provider} rejected this server's credentials. Ask the administrator to check its API key.`
  }
}

/** No connection to the provider could be established. */
export class ModelUnreachable extends Data.TaggedError("ModelUnreachable")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} could not be reached. Try again, or choose another model.`
  }
}

/** The response did not come from a model: the error page of a proxy, for example. */
export class InvalidResponse extends Data.TaggedError("InvalidResponse")<{
  readonly provider: string
}> {
  override get message() {
    return `${this.provider} sent an invalid response. Ask the administrator to check its base URL.`
  }
}

/** The base URL that a user chose leads to a private network, or to no server at all. */
export class BaseUrlNotAllowed extends Data.TaggedError("BaseUrlNotAllowed")<{
  readonly provider: string
  /** What is wrong, as a sentence. */
  readonly reason: string
}> {
  override get message() {
    return `The base URL of ${this.provider} cannot be used. ${this.reason}`
  }
}

/** The provider reported that it is overloaded or failing. */
export class ModelOverloaded extends Data.TaggedError("ModelOverloaded")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} is overloaded. Try again in a moment.`
  }
}

/** The answer is incomplete: the connection was lost, or closed without an end marker. */
export class StreamInterrupted extends Data.TaggedError("StreamInterrupted")<{ readonly provider: string }> {
  override get message() {
    return `The response of ${this.provider} was interrupted.`
  }
}

/** The answer is complete but has no text. Its reasoning tokens may be charged nevertheless. */
export class EmptyResponse extends Data.TaggedError("EmptyResponse")<{
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}> {
  override get message() {
    return this.reason === "length"
      ? "The model reached its token limit before it produced any text. Allow it more tokens, or choose another model."
      : "The model returned an empty response. Try again, or with another prompt."
  }
}

/** The first token, the next token or the complete response did not arrive in time. */
export class ModelTimedOut extends Data.TaggedError("ModelTimedOut")<{
  readonly provider: string
  readonly phase: "first token" | "next token" | "answer" | "image"
}> {
  override get message() {
    return `${this.provider} took too long to send the ${this.phase}.`
  }
}

/** The provider's content filter blocked the prompt or the answer. */
export class ContentFiltered extends Data.TaggedError("ContentFiltered")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} blocked this content under its usage policy.`
  }
}

/** The messages do not fit into the model's context window. */
export class ContextLengthExceeded extends Data.TaggedError("ContextLengthExceeded")<{
  readonly provider: string
}> {
  override get message() {
    return "The conversation exceeds this model's context length. Start a new one or shorten it."
  }
}

/** No configured provider knows this model. */
export class ModelNotFound extends Data.TaggedError("ModelNotFound")<{ readonly model: string }> {
  override get message() {
    return `No model named ${this.model} is available here.`
  }
}

/** The provider rejected the request as invalid; `reason` is its own message, for the client to fix it. */
export class ModelRequestRejected extends Data.TaggedError("ModelRequestRejected")<{
  readonly provider: string
  readonly reason: string
}> {
  override get message() {
    return `${this.provider} rejected the request: ${this.reason}`
  }
}

export type ModelError =
  | ModelRateLimited
  | ModelAccessDenied
  | ModelUnreachable
  | BaseUrlNotAllowed
  | InvalidResponse
  | ModelOverloaded
  | StreamInterrupted
  | EmptyResponse
  | ModelTimedOut
  | ContentFiltered
  | ContextLengthExceeded
  | ModelNotFound
  | ModelRequestRejected

/**
 * All model providers behind one port. `infra/llm` implements it on the `openai` package; tests put a
 * scripted provider behind that same adapter.
 */
export class LanguageModel extends Context.Tag("LanguageModel")<
  LanguageModel,
  {
    /**
     * Streams an answer into `onDelta`, which is called as text arrives, without waking a fiber per
     * delta: many answers stream concurrently. Reasoning goes to `onReasoning` instead; it counts as
     * output. Interruption aborts the provider's call, and neither is called afterwards. Rejects an answer
     * without text with EmptyResponse.
     */
    readonly stream: (
      request: ModelRequest,
      onDelta: (text: string) => void,
      onReasoning?: (reasoning: string) => void,
    ) => Effect.Effect<StreamResult, ModelError>
    /** Returns a complete answer, and rejects an empty one. Interruption aborts the provider's call. */
    readonly complete: (request: ModelRequest) => Effect.Effect<Completion, ModelError>
  }
>() {}
