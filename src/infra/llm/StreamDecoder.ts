import { Either, Exit } from "effect"
import { createParser, type EventSourceMessage } from "eventsource-parser"
import {
  ContentFiltered,
  EmptyResponse,
  type FinishReason,
  type ModelError,
  StreamInterrupted,
  type StreamResult,
  type TokenUsage,
} from "../../domain/models/LanguageModel"
import { decodeCompletion } from "./CompletionDecoder"
import { type CallContext, logDetail, mapStreamError } from "./ErrorMapping"
import { redact } from "./ProviderError"
import {
  firstChoice,
  hasVisibleText,
  isNonEmptyString,
  isWireBody,
  mapFinishReason,
  usageOf,
  type WireChoice,
} from "./ResponseFields"

const MAX_LINE_LENGTH = 16 * 1024 * 1024

/** Characters of an invalid response that are logged. */
const PREVIEW_LENGTH = 300

/** The error of a failed stream, and the detail to log. */
interface StreamFailure {
  readonly error: ModelError
  readonly detail: string
}

/**
 * Decodes the bytes of one streamed response into text and buffers it until it is drained. A failure
 * is stored separately, so that the text received before it is delivered first.
 */
export class StreamDecoder {
  /** The error that ended the stream; set at most once, after which decoding stops. */
  failure: ModelError | undefined
  /**
   * The provider's description of the failure, or what it sent instead of an answer; redacted for the log.
   */
  detail: string | undefined
  /** True once the answer is complete or has failed. */
  done = false
  /** True once the provider has sent a finish reason; usage may still follow. */
  finished = false
  /** True once text or reasoning has arrived. */
  started = false
  /** True once visible text has arrived. */
  hasText = false
  /** The usage that the provider reported last. */
  usage: TokenUsage | undefined

  #text = ""
  #reason: FinishReason | undefined
  /** The start of the response, until its first event shows that it is an event stream. */
  #preview: string | undefined = ""
  readonly #context: CallContext
  readonly #utf8 = new TextDecoder()
  readonly #parser = createParser({
    onEvent: (event) => this.#onEvent(event),
    maxBufferSize: MAX_LINE_LENGTH,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") this.#failInvalid("line too long")
    },
  })

  constructor(context: CallContext) {
    this.#context = context
  }

  /** Decodes the next bytes, split anywhere. */
  push(bytes: Uint8Array) {
    if (this.done) return
    const text = this.#utf8.decode(bytes, { stream: true })
    if (this.#preview !== undefined && this.#preview.length < PREVIEW_LENGTH)
      this.#preview += text.slice(0, PREVIEW_LENGTH)
    this.#parser.feed(text)
  }

  /** Ends the stream: cleanly, or with the failure that ended the body. */
  end(failure?: StreamFailure) {
    if (this.done) return
    // Some servers omit the last blank line.
    if (failure === undefined) this.#parser.feed(`${this.#utf8.decode()}\n\n`)
    if (failure !== undefined && !this.finished) this.#fail(failure.error, failure.detail)
    else if (!this.done) this.#finish(this.#reason)
  }

  /** Decodes the complete body sent by a server that does not stream. */
  decodeComplete(body: unknown) {
    Either.match(decodeCompletion(this.#context, body), {
      onLeft: ({ error, detail }) => {
        if (error._tag === "EmptyResponse") this.usage = error.usage
        this.#fail(error, detail)
      },
      onRight: ({ reason, text, usage }) => {
        this.#text = text
        this.hasText = this.started = true
        this.usage = usage
        this.#finish(reason)
      },
    })
  }

  /** Returns the text decoded since the last call and clears it. */
  drain(): string {
    const text = this.#text
    this.#text = ""
    return text
  }

  /** The result of the stream, or undefined until it is over. */
  get result(): Exit.Exit<StreamResult, ModelError> | undefined {
    if (!this.done) return undefined
    return this.failure === undefined
      ? Exit.succeed({ reason: this.#reason ?? "stop", usage: this.usage })
      : Exit.fail(this.failure)
  }

  #onEvent(event: EventSourceMessage) {
    if (this.done) return
    this.#preview = undefined
    // Without a finish_reason the marker alone completes the answer, provided that text has arrived.
    if (event.data === "[DONE]") return this.#finish(this.#reason ?? (this.hasText ? "stop" : undefined))
    let body: unknown
    try {
      body = JSON.parse(event.data)
    } catch {
      return event.event === "error"
        ? this.#failFromError(event.data)
        : this.#failInvalid(`invalid JSON: ${event.data}`)
    }
    if (!isWireBody(body)) return this.#failInvalid(`invalid chunk: ${event.data}`)
    if (event.event === "error" || body.error != null) return this.#failFromError(body)
    if (body.usage != null) this.usage = usageOf(body.usage) ?? this.usage
    const choice = firstChoice(body)
    if (choice !== undefined) this.#onChoice(choice)
  }

  #onChoice({ delta, finish_reason }: WireChoice) {
    if (delta != null) {
      if (isNonEmptyString(delta.content)) {
        this.#text += delta.content
        this.started = true
        this.hasText ||= hasVisibleText(delta.content)
      } else if (isNonEmptyString(delta.reasoning_content) || isNonEmptyString(delta.reasoning)) {
        this.started = true
      }
      if (isNonEmptyString(delta.refusal)) this.#failFiltered("refusal in delta")
    }
    if (!isNonEmptyString(finish_reason) || this.done) return
    const reason = mapFinishReason(finish_reason)
    if (reason === "content_filter") return this.#failFiltered(`finish_reason ${finish_reason}`)
    if (reason === "error") return this.#failInvalid(`finish_reason ${finish_reason}`)
    this.#reason = reason
    this.finished = true
  }

  #finish(reason: FinishReason | undefined) {
    if (reason === undefined)
      return this.#failInvalid(`stream ended early${this.#preview ? `: ${this.#preview}` : ""}`)
    if (!this.hasText) {
      const { usage } = this
      return this.#fail(new EmptyResponse({ reason, usage }), `finish_reason ${reason}`)
    }
    this.#reason = reason
    this.finished = true
    this.done = true
  }

  #failFromError(body: unknown) {
    this.#fail(mapStreamError(this.#context, body), logDetail(this.#context, body))
  }

  #failFiltered(detail: string) {
    this.#fail(new ContentFiltered({ provider: this.#context.provider }), detail)
  }

  #failInvalid(detail: string) {
    this.#fail(new StreamInterrupted({ provider: this.#context.provider }), detail)
  }

  #fail(failure: ModelError, detail: string) {
    this.done = true
    if (this.failure !== undefined) return
    this.failure = failure
    this.detail = redact(detail, this.#context.secret)
  }
}
