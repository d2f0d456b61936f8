import { Exit } from "effect"
import {
  ContentFiltered,
  EmptyResponse,
  type FinishReason,
  InvalidResponse,
  type ModelError,
  type ModelRequest,
  StreamInterrupted,
  type StreamResult,
} from "../../domain/models/LanguageModel"
import { ChoiceSelector } from "./ChoiceSelector"
import { type CallContext, logDetail, mapStreamError } from "./ErrorMapping"
import { parseEventData } from "./EventData"
import { redact } from "./ProviderError"
import {
  errorIn,
  hasVisibleText,
  isNonEmptyString,
  isWireBody,
  type MessageParts,
  mapFinishReason,
  partsOf,
  type WireBody,
  type WireChoice,
  type WireText,
} from "./ResponseFields"
import { parseJson, ResponseReader } from "./ResponseReader"
import { splitUnopened, ThinkTags } from "./ThinkTags"
import { mergeUsage, type ReconciledUsage, type ReportedUsage, reconcileUsage, usageIn } from "./TokenCounts"

/** The error of a failed stream, and the detail to log. */
interface StreamFailure {
  readonly error: ModelError
  readonly detail: string
}

/**
 * Decodes the bytes of one response, streamed or not, into text and reasoning, and buffers them until they
 * are drained. A failure is stored separately, so that the text received before it is delivered first.
 * What is unambiguous is understood, and what is unknown is ignored.
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

  #text = ""
  #reasoning = ""
  /** Bytes of all text and reasoning drained so far. */
  #outputBytes = 0
  #reported: ReportedUsage | undefined
  #reason: FinishReason | undefined
  /** Whether text followed a finish reason: then the provider sends one with each chunk, which tells nothing. */
  #isFinishRepeated = false
  /** Whether usage has arrived in a chunk of its own after the text: all text was counted, so it is complete. */
  #isUsageLast = false
  /** Whether usage comes with the text. */
  #isUsageContinuous = false
  /** The text of messages that were sent instead of deltas. */
  #message: string | undefined
  readonly #context: CallContext
  readonly #request: ModelRequest
  readonly #choices = new ChoiceSelector()
  readonly #thinkTags = new ThinkTags()
  readonly #utf8 = new TextDecoder()
  readonly #reader = new ResponseReader({
    onEvent: (data, name) => this.#onEvent(data, name),
    onOverflow: (isDocument) =>
      isDocument ? this.#failUnexpected("more than 16 MB") : this.#failInvalid("line too long"),
  })

  constructor(context: CallContext, request: ModelRequest) {
    this.#context = context
    this.#request = request
  }

  /** Decodes the next bytes, split anywhere. */
  push(bytes: Uint8Array) {
    if (!this.done) this.#reader.feed(this.#utf8.decode(bytes, { stream: true }))
  }

  /** Ends the stream: cleanly, or with the failure that ended the body. */
  end(failure?: StreamFailure) {
    if (this.done) return
    if (failure !== undefined) {
      return this.#isComplete ? this.#finish(this.#reason) : this.#fail(failure.error, failure.detail)
    }
    this.#reader.feed(this.#utf8.decode())
    const document = this.#reader.end()
    if (document !== undefined) this.#onDocument(document)
    if (this.done) return
    this.#flush()
    const isOver = this.#message !== undefined || (this.#isUsageLast && this.hasText)
    this.#finish(this.#reason ?? (isOver ? "stop" : undefined))
  }

  /** Returns the text decoded since the last call and clears it. */
  drain(): string {
    const text = this.#text
    this.#text = ""
    this.#outputBytes += Buffer.byteLength(text)
    return text
  }

  /** Returns the reasoning decoded since the last call and clears it. It precedes the text of that time. */
  drainReasoning(): string {
    const reasoning = this.#reasoning
    this.#reasoning = ""
    this.#outputBytes += Buffer.byteLength(reasoning)
    return reasoning
  }

  /** The usage to charge for what has arrived so far. */
  get usage(): ReconciledUsage {
    const pending = Buffer.byteLength(this.#text) + Buffer.byteLength(this.#reasoning)
    return reconcileUsage(this.#reported, this.#request, this.#outputBytes + pending)
  }

  /** The result of the stream, or undefined until it is over. */
  get result(): Exit.Exit<StreamResult, ModelError> | undefined {
    if (!this.done) return undefined
    return this.failure === undefined
      ? Exit.succeed({ reason: this.#reason ?? "stop", usage: this.usage.usage })
      : Exit.fail(this.failure)
  }

  /** Whether the answer is complete, whatever may follow. */
  get #isComplete() {
    return this.finished && !this.#isFinishRepeated
  }

  #onEvent(data: string, name: string | undefined) {
    if (this.done) return
    const value = name === "error" ? undefined : parseJson(data)
    if (isWireBody(value) && !Array.isArray(value)) return this.#onBody(value)
    for (const item of parseEventData(data, name)) {
      if (this.done) return
      if (item._tag === "Body") this.#onBody(item.body)
      else if (item._tag === "Error") this.#onError(item.body)
      else if (item._tag === "Invalid") this.#onInvalid(item.detail)
      // Without a finish reason the marker alone completes the answer, provided that text has arrived.
      else {
        this.#flush()
        this.#finish(this.#reason ?? (this.hasText ? "stop" : undefined))
      }
    }
  }

  #onDocument(document: string) {
    const body = parseJson(document)
    if (body === undefined) return this.#failInvalid(`invalid JSON: ${document}`)
    for (const item of [body].flat()) if (isWireBody(item) && !this.done) this.#onBody(item, true)
    if (this.done || this.#message !== undefined || this.started) return
    this.#failUnexpected(`not a completion: ${document}`)
  }

  #onBody(body: WireBody, isWhole = false) {
    const choice = this.#choices.select(body.choices)
    const error = errorIn(body, choice)
    if (error !== undefined) return this.#onError(error)
    const usage = usageIn(body, choice)
    if (usage !== undefined) this.#reported = mergeUsage(this.#reported, usage)
    const hasParts = choice !== undefined && this.#onParts(choice, isWhole)
    if (hasParts) this.#isUsageContinuous ||= usage !== undefined
    if (hasParts || usage !== undefined) {
      this.#isUsageLast = !hasParts && (choice === undefined || !this.#isUsageContinuous)
    }
    if (choice !== undefined && !this.done) this.#onFinishReason(choice.finish_reason)
  }

  /** Takes text and reasoning of a choice. Returns whether there were any. */
  #onParts(choice: WireChoice, isWhole: boolean): boolean {
    const { delta, message, text } = choice
    const source: WireText = delta ?? message ?? { content: text }
    if (isNonEmptyString(source.refusal)) this.#failFiltered("refusal in delta")
    const parts = delta == null && message != null ? this.#restOf(partsOf(message)) : partsOf(source)
    if (this.done || (parts.text === "" && parts.reasoning === "")) return false
    this.started = true
    this.#isFinishRepeated ||= this.finished
    this.#reasoning += parts.reasoning
    if (parts.text === "") return true
    this.#choices.countText()
    this.#append(isWhole ? splitUnopened(parts.text) : { text: parts.text, reasoning: "" })
    return true
  }

  /** Returns what a message adds that is sent instead of a delta: some repeat what was sent before. */
  #restOf(parts: MessageParts): MessageParts {
    const previous = this.#message
    // The whole text once more, after its deltas.
    if (previous === undefined && this.started) return { text: "", reasoning: "" }
    const isRepeated = previous !== undefined && parts.text.startsWith(previous)
    const text = isRepeated ? parts.text.slice(previous.length) : parts.text
    this.#message = (previous ?? "") + text
    return { text, reasoning: previous === undefined ? parts.reasoning : "" }
  }

  #append({ text, reasoning }: MessageParts) {
    const split = this.#thinkTags.push(text)
    this.#reasoning += reasoning + split.reasoning
    this.#addText(split.text)
  }

  #addText(text: string) {
    if (text === "") return
    this.#text += text
    this.hasText ||= hasVisibleText(text)
  }

  /** Adds what was held back because it could have been part of a tag. */
  #flush() {
    const rest = this.#thinkTags.end()
    this.#reasoning += rest.reasoning
    this.#addText(rest.text)
  }

  #onFinishReason(finishReason: unknown) {
    if (!isNonEmptyString(finishReason) || finishReason === "null") return
    const reason = mapFinishReason(finishReason)
    if (reason === "content_filter") return this.#failFiltered(`finish_reason ${finishReason}`)
    if (reason === "error") return this.#failInvalid(`finish_reason ${finishReason}`)
    this.#reason = reason
    this.finished = true
  }

  #finish(reason: FinishReason | undefined) {
    this.#flush()
    if (reason === undefined) {
      const { preview } = this.#reader
      return this.#failInvalid(`stream ended early${preview ? `: ${preview}` : ""}`)
    }
    if (!this.hasText) {
      return this.#fail(new EmptyResponse({ reason, usage: this.usage.usage }), `finish_reason ${reason}`)
    }
    this.#reason = reason
    this.finished = true
    this.done = true
  }

  /** Fails with what the provider reports, unless the answer was complete before. */
  #onError(body: unknown) {
    if (this.#isComplete) return
    this.#fail(mapStreamError(this.#context, body), logDetail(this.#context, body))
  }

  /** Fails because something cannot be understood, unless the answer was complete before. */
  #onInvalid(detail: string) {
    if (!this.#isComplete) this.#failInvalid(detail)
  }

  #failFiltered(detail: string) {
    this.#fail(new ContentFiltered({ provider: this.#context.provider }), detail)
  }

  #failUnexpected(detail: string) {
    this.#fail(new InvalidResponse({ provider: this.#context.provider }), detail)
  }

  #failInvalid(detail: string) {
    this.#fail(new StreamInterrupted({ provider: this.#context.provider }), detail)
  }

  #fail(failure: ModelError, detail: string) {
    this.#flush()
    this.done = true
    if (this.failure !== undefined) return
    this.failure = failure
    this.detail = redact(detail, this.#context.secret)
  }
}
