import { Exit } from "effect"
import {
  type ModelError,
  type ModelRequest,
  ModelTimedOut,
  StreamInterrupted,
  type StreamResult,
} from "../../domain/models/LanguageModel"
import type { CallPolicy } from "./CallPolicy"
import type { SendRequest } from "./ChatCompletionsClient"
import { type CallContext, logDetail, mapThrown } from "./ErrorMapping"
import { isWebPage, unexpectedResponse } from "./ProviderFetch"
import { StreamDecoder } from "./StreamDecoder"

type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">
type Params = Parameters<SendRequest>[0]

/** Milliseconds to wait for the end of a finished body, so that its connection can be reused. */
const bodyDrainTimeout = 1000

/** Callbacks of a streaming call. */
interface Listener {
  /** Receives the text as it arrives. */
  readonly onDelta: (text: string) => void
  /** Receives the model's reasoning as it arrives, before the text that follows it. */
  readonly onReasoning: ((reasoning: string) => void) | undefined
  /** Receives the result, once; no callback runs after it. */
  readonly onEnd: (exit: Exit.Exit<StreamResult, ModelError>) => void
}

/**
 * One request and its streamed response, with plain callbacks from the socket to the listener: waking
 * a fiber for every chunk costs more than the rest of the call. A single timer that compares
 * timestamps enforces both timeouts; both measure silence, so that comments of a busy provider count.
 */
export class StreamingCall {
  /** Start time, on the clock of `performance.now()`. */
  readonly startedAt = performance.now()
  timeToFirstTokenMs: number | undefined
  readonly decoder: StreamDecoder
  readonly #context: CallContext
  readonly #policy: CallPolicy
  readonly #listener: Listener
  readonly #abort = new AbortController()
  #reader: BodyReader | undefined
  #closed = false
  /** When the provider last sent anything, or the start, on the clock of `performance.now()`. */
  #lastSignAt = this.startedAt
  #timer: Timer | undefined
  #timeoutError: ModelTimedOut | undefined

  constructor(context: CallContext, policy: CallPolicy, request: ModelRequest, listener: Listener) {
    this.#context = context
    this.#policy = policy
    this.#listener = listener
    this.decoder = new StreamDecoder(context, request)
  }

  /** True once text or reasoning has arrived: the request cannot be retried from then on. */
  get started() {
    return this.decoder.started
  }

  /** Sends the request immediately. */
  send(sendRequest: SendRequest, params: Params) {
    this.#request(sendRequest, params).catch((thrown: unknown) => {
      this.decoder.detail = logDetail(this.#context, thrown)
      this.#finish(Exit.fail(this.#timeoutError ?? mapThrown(this.#context, thrown)))
    })
    this.#checkDeadline()
  }

  /** Aborts the request if it is still running; no callback runs afterwards. Idempotent. */
  cancel() {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  async #request(sendRequest: SendRequest, params: Params) {
    const response = await sendRequest(params, this.#abort.signal)
    this.#lastSignAt = performance.now()
    if (isWebPage(response) || response.body === null) throw await unexpectedResponse(response)
    this.#reader = response.body.getReader()
    this.#read()
  }

  #read() {
    this.#reader
      ?.read()
      .then(
        ({ value }) => this.#onBytes(value),
        (thrown: unknown) => this.#onBytes(undefined, thrown),
      )
      .catch((defect: unknown) => this.#finish(Exit.die(defect)))
  }

  #onBytes(bytes: Uint8Array | undefined, thrown?: unknown) {
    this.#lastSignAt = performance.now()
    if (bytes === undefined) {
      this.#reader = undefined
      clearTimeout(this.#timer)
      this.decoder.end(thrown === undefined ? undefined : this.#streamFailure(thrown))
    } else {
      this.decoder.push(bytes)
      this.#read()
    }
    this.#emit()
  }

  #streamFailure(thrown: unknown) {
    return {
      error: this.#timeoutError ?? new StreamInterrupted({ provider: this.#context.provider }),
      detail: logDetail(this.#context, thrown),
    }
  }

  #emit() {
    if (this.#closed) return
    const { decoder } = this
    if (decoder.started) this.timeToFirstTokenMs ??= performance.now() - this.startedAt
    const reasoning = decoder.drainReasoning()
    if (reasoning !== "") this.#listener.onReasoning?.(reasoning)
    const text = decoder.drain()
    if (text !== "") this.#listener.onDelta(text)
    if (decoder.result !== undefined) this.#finish(decoder.result)
  }

  #finish(exit: Exit.Exit<StreamResult, ModelError>) {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    if (this.#reader !== undefined && this.decoder.finished) {
      this.#timer = setTimeout(() => this.#abort.abort(), bodyDrainTimeout)
    } else if (this.#reader !== undefined) this.#abort.abort()
    this.#listener.onEnd(exit)
  }

  #checkDeadline() {
    const { started, hasText } = this.decoder
    const { firstTokenTimeout, idleTimeout } = this.#policy
    const remaining = this.#lastSignAt + (started ? idleTimeout : firstTokenTimeout) - performance.now()
    if (remaining > 0) {
      this.#timer = setTimeout(() => this.#checkDeadline(), Math.min(remaining, idleTimeout))
    } else {
      const phase = hasText ? "next token" : "first token"
      this.#timeoutError = new ModelTimedOut({ provider: this.#context.provider, phase })
      this.#abort.abort()
    }
  }
}
