import { Exit } from "effect"
import { ModelCutOff, type ModelError, ModelTimedOut, type Spoken } from "../../domain/models/LanguageModel"
import type { Ask } from "./ChatCompletionsClient"
import { type Asked, detailOf, fromThrown } from "./ErrorMapping"
import { jsonBytes, strange } from "./ProviderFetch"
import { AnswerDecoder } from "./StreamDecoder"
import type { Limits } from "./Timeouts"

type Body = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">
type Params = Parameters<Ask>[0]

/** How long the end of a finished body is awaited, so that its connection can be used again. */
const settling = 1000

/** Who is told of an exchange as it goes. */
interface Listener {
  /** Text, as it comes. */
  readonly hear: (text: string) => void
  /** How it ended; said once, and nothing is heard after it. */
  readonly over: (exit: Exit.Exit<Spoken, ModelError>) => void
}

/**
 * One request and its streamed answer, in plain callbacks from the socket to the listener: a
 * fiber woken for every chunk costs more than all the rest together. Time is watched by one
 * timer that compares timestamps.
 */
export class Exchange {
  /** When it began, and how long its first part took, in milliseconds. */
  readonly begun = performance.now()
  waited: number | undefined
  readonly decoder: AnswerDecoder
  readonly #asked: Asked
  readonly #limits: Limits
  readonly #listener: Listener
  readonly #abort = new AbortController()
  #body: Body | undefined
  #closed = false
  /** Since when the next chunk is awaited. */
  #waitingSince: number | undefined
  #timer: Timer | undefined
  #timedOut: ModelTimedOut | undefined

  constructor(asked: Asked, limits: Limits, listener: Listener) {
    this.#asked = asked
    this.#limits = limits
    this.#listener = listener
    this.decoder = new AnswerDecoder(asked)
  }

  /** Text or reasoning has come: from here on nothing can be asked again. */
  get started() {
    return this.decoder.started
  }

  /** Sends the request, at once. */
  send(ask: Ask, params: Params) {
    this.#request(ask, params).catch((thrown: unknown) => {
      this.decoder.detail = detailOf(this.#asked, thrown)
      this.#end(Exit.fail(this.#timedOut ?? fromThrown(this.#asked, thrown)))
    })
    this.#watch()
  }

  /** Ends the provider's work at once, unless it is done already; nothing more is heard. */
  close() {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  async #request(ask: Ask, params: Params) {
    const response = await ask(params, this.#abort.signal)
    const type = response.headers.get("content-type")?.toLowerCase() ?? ""
    if (type.includes("json")) {
      const bytes = await jsonBytes(response)
      this.decoder.whole(JSON.parse(new TextDecoder().decode(bytes)))
      this.#tell()
    } else if (type.startsWith("text/html") || response.body === null) {
      throw await strange(response)
    } else {
      this.#body = response.body.getReader()
      this.#read()
    }
  }

  #read() {
    this.#waitingSince = performance.now()
    this.#body
      ?.read()
      .then(
        ({ value }) => this.#onBytes(value),
        (thrown: unknown) => this.#onBytes(undefined, thrown),
      )
      .catch((bug: unknown) => this.#end(Exit.die(bug)))
  }

  #onBytes(bytes: Uint8Array | undefined, thrown?: unknown) {
    if (bytes === undefined) {
      this.#body = undefined
      clearTimeout(this.#timer)
      this.decoder.end(thrown === undefined ? undefined : this.#brokenBy(thrown))
    } else {
      this.decoder.feed(bytes)
      this.#read()
    }
    this.#tell()
  }

  #brokenBy(thrown: unknown) {
    return {
      error: this.#timedOut ?? new ModelCutOff({ provider: this.#asked.provider }),
      detail: detailOf(this.#asked, thrown),
    }
  }

  #tell() {
    if (this.#closed) return
    const { decoder } = this
    if (decoder.started) this.waited ??= performance.now() - this.begun
    const text = decoder.take()
    if (text !== "") this.#listener.hear(text)
    if (decoder.ending !== undefined) this.#end(decoder.ending)
  }

  #end(exit: Exit.Exit<Spoken, ModelError>) {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    if (this.#body !== undefined && this.decoder.complete) {
      this.#timer = setTimeout(() => this.#abort.abort(), settling)
    } else if (this.#body !== undefined) this.#abort.abort()
    this.#listener.over(exit)
  }

  #watch() {
    const { started, said } = this.decoder
    const { firstToken, idle } = this.#limits
    const now = performance.now()
    const deadline = started ? (this.#waitingSince ?? now) + idle : this.begun + firstToken
    const left = deadline - now
    if (left > 0) {
      this.#timer = setTimeout(() => this.#watch(), Math.min(left, idle))
    } else {
      const waitingFor = said ? "next token" : "first token"
      this.#timedOut = new ModelTimedOut({ provider: this.#asked.provider, waitingFor })
      this.#abort.abort()
    }
  }
}
