import { Context, Data, Duration, type Effect } from "effect"

/** Something beside the text of a turn. */
export interface Enclosure {
  readonly kind: "image" | "file"
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** One turn of the conversation as the model is told it. */
export interface Turn {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
  readonly enclosures?: ReadonlyArray<Enclosure>
}

export interface ModelRequest {
  /** `provider/name`, as the catalogue gives it: `openai/gpt-4o`, `demo`. */
  readonly model: string
  readonly turns: ReadonlyArray<Turn>
  /** Upper bound on what the model may say, in tokens; the provider's own when absent. */
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
}

/** Tokens as the provider counted them. */
export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
}

export type FinishReason = "stop" | "length"

/** How an answer ended that was spoken to its end. */
export interface Spoken {
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}

export interface Completion {
  readonly text: string
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}

/** The provider asked us to slow down; `retryAfter` is its own word, when it gave one. */
export class ModelRateLimited extends Data.TaggedError("ModelRateLimited")<{
  readonly provider: string
  readonly retryAfter: Duration.Duration | undefined
}> {
  /** How long to wait, in whole seconds, when the provider said so. */
  get seconds(): number | undefined {
    return this.retryAfter && Math.max(1, Math.ceil(Duration.toSeconds(this.retryAfter)))
  }
  override get message() {
    const { provider, seconds } = this
    if (seconds === undefined) return `${provider} is rate limiting this server. Wait a little and try again.`
    return `${provider} is rate limiting this server. Try again in ${seconds} second${seconds === 1 ? "" : "s"}.`
  }
}

/** The key is missing, wrong or not allowed to use this model, or its account is out of credit. */
export class ModelAccessDenied extends Data.TaggedError("ModelAccessDenied")<{
  readonly provider: string
  readonly because: "credentials" | "credit"
}> {
  override get message() {
    return this.because === "credit"
      ? `This server's account with ${this.provider} is out of credit. Ask the administrator to top it up.`
      : `${this.provider} refused this server's credentials. Ask the administrator to check its key.`
  }
}

/** Nobody answered at the provider's address. */
export class ModelUnreachable extends Data.TaggedError("ModelUnreachable")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} could not be reached. Try again, or choose another model.`
  }
}

/** Something answered at the provider's address, but no model did: the page of a proxy, perhaps. */
export class ModelAnswerUnreadable extends Data.TaggedError("ModelAnswerUnreadable")<{
  readonly provider: string
}> {
  override get message() {
    return `What came from ${this.provider} is no answer of a model. Ask the administrator to check its address.`
  }
}

/** The provider answered that it is overloaded or broken. */
export class ModelOverloaded extends Data.TaggedError("ModelOverloaded")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} is overloaded. Try again in a moment.`
  }
}

/** The answer broke off: the connection died or ended without saying that it was done. */
export class ModelCutOff extends Data.TaggedError("ModelCutOff")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} broke off in the middle of the answer.`
  }
}

/** The answer is complete and there is not a word in it. What the model thought may have a price all the same. */
export class ModelSaidNothing extends Data.TaggedError("ModelSaidNothing")<{
  readonly reason: FinishReason
  readonly usage: TokenUsage | undefined
}> {
  override get message() {
    return this.reason === "length"
      ? "The model used up all that it may write before it said anything. Allow it more tokens, or choose another model."
      : "The model said nothing. Try again, or with another prompt."
  }
}

/** No first byte, no next one, or no whole answer within the time allowed. */
export class ModelTimedOut extends Data.TaggedError("ModelTimedOut")<{
  readonly provider: string
  readonly waitingFor: "first token" | "next token" | "answer" | "picture"
}> {
  override get message() {
    return `${this.provider} took too long to send the ${this.waitingFor}.`
  }
}

/** The provider's own policy forbids the prompt or the answer. */
export class ContentRefused extends Data.TaggedError("ContentRefused")<{ readonly provider: string }> {
  override get message() {
    return `${this.provider} refused this content under its usage policy.`
  }
}

export class ContextTooLong extends Data.TaggedError("ContextTooLong")<{ readonly provider: string }> {
  override get message() {
    return "The conversation is longer than this model can read. Start a new one or shorten it."
  }
}

/** No configured provider knows this model. */
export class ModelNotFound extends Data.TaggedError("ModelNotFound")<{ readonly model: string }> {
  override get message() {
    return `No model named ${this.model} is available here.`
  }
}

/** The provider rejected the request itself, in words that may help whoever wrote it. */
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
  | ModelAnswerUnreadable
  | ModelOverloaded
  | ModelCutOff
  | ModelSaidNothing
  | ModelTimedOut
  | ContentRefused
  | ContextTooLong
  | ModelNotFound
  | ModelRequestRejected

/**
 * The model providers, seen as one. `infra/llm` implements it on the `openai` package;
 * tests put a scripted provider behind that same adapter.
 */
export class LanguageModel extends Context.Tag("LanguageModel")<
  LanguageModel,
  {
    /** The model used when a caller names none. */
    readonly defaultModel: string
    /**
     * Streams an answer into `hear`, a piece at a time as it comes, without waking a fiber for a
     * piece: for the many answers that are written all at once. Interrupting aborts the
     * provider's call; after that nothing more is heard. An answer without a word is a failure.
     */
    readonly speak: (request: ModelRequest, hear: (text: string) => void) => Effect.Effect<Spoken, ModelError>
    /** The whole answer at once, and never an empty one. Interrupting aborts the provider's call. */
    readonly complete: (request: ModelRequest) => Effect.Effect<Completion, ModelError>
  }
>() {}
