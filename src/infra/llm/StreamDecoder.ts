import { Either, Exit } from "effect"
import { createParser, type EventSourceMessage } from "eventsource-parser"
import {
  ContentRefused,
  type FinishReason,
  ModelCutOff,
  type ModelError,
  ModelSaidNothing,
  type Spoken,
  type TokenUsage,
} from "../../domain/models/LanguageModel"
import { fromCompletion } from "./CompletionDecoder"
import { type Asked, detailOf, fromEvent } from "./ErrorMapping"
import { redact } from "./ProviderError"
import { filled, firstChoice, hasWords, isBody, reasonOf, usageOf, type WireChoice } from "./WireTypes"

const longestLine = 16 * 1024 * 1024

/** As much of what is no answer as the log is told. */
const excerpt = 300

/** Why an answer broke, and what the log is told about that. */
interface Break {
  readonly error: ModelError
  readonly detail: string
}

/**
 * Turns the bytes of one streamed answer into text, and holds it until it is taken. A failure is
 * kept beside it, so that what was said before it is delivered first.
 */
export class AnswerDecoder {
  /** Why the answer broke; set at most once, and then nothing more is decoded. */
  failure: ModelError | undefined
  /** What the provider said about its failure, or sent instead of an answer, safe to log. */
  detail: string | undefined
  /** Nothing more will come: the answer is finished, or has failed. */
  over = false
  /** The provider said that the answer is complete, though usage may still follow. */
  complete = false
  /** Text or reasoning has come. */
  started = false
  /** A word has come. */
  said = false
  /** Tokens as last counted by the provider. */
  usage: TokenUsage | undefined

  #text = ""
  #reason: FinishReason | undefined
  /** How what came begins, until it turns out to be a stream of events. */
  #beginning: string | undefined = ""
  readonly #asked: Asked
  readonly #utf8 = new TextDecoder()
  readonly #parser = createParser({
    onEvent: (event) => this.#onEvent(event),
    maxBufferSize: longestLine,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") this.#breakOff("a line is too long")
    },
  })

  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Bytes as the network cut them. */
  feed(bytes: Uint8Array) {
    if (this.over) return
    const text = this.#utf8.decode(bytes, { stream: true })
    if (this.#beginning !== undefined && this.#beginning.length < excerpt)
      this.#beginning += text.slice(0, excerpt)
    this.#parser.feed(text)
  }

  /** Nothing more can be read: the body ended cleanly, or `broken` says why it did not. */
  end(broken?: Break) {
    if (this.over) return
    // Some servers leave out the last blank line.
    if (broken === undefined) this.#parser.feed(`${this.#utf8.decode()}\n\n`)
    if (broken !== undefined && !this.complete) this.#fail(broken.error, broken.detail)
    else if (!this.over) this.#finish(this.#reason)
  }

  /** A server that does not stream answered with the whole at once. */
  whole(body: unknown) {
    Either.match(fromCompletion(this.#asked, body), {
      onLeft: ({ error, detail }) => {
        if (error._tag === "ModelSaidNothing") this.usage = error.usage
        this.#fail(error, detail)
      },
      onRight: ({ reason, text, usage }) => {
        this.#text = text
        this.said = this.started = true
        this.usage = usage
        this.#finish(reason)
      },
    })
  }

  /** The text decoded since last taken. */
  take(): string {
    const text = this.#text
    this.#text = ""
    return text
  }

  /** How the answer ended, once it has. */
  get ending(): Exit.Exit<Spoken, ModelError> | undefined {
    if (!this.over) return undefined
    return this.failure === undefined
      ? Exit.succeed({ reason: this.#reason ?? "stop", usage: this.usage })
      : Exit.fail(this.failure)
  }

  #onEvent(event: EventSourceMessage) {
    if (this.over) return
    this.#beginning = undefined
    // Without a finish_reason the marker alone is believed, if there is something to finish.
    if (event.data === "[DONE]") return this.#finish(this.#reason ?? (this.said ? "stop" : undefined))
    let body: unknown
    try {
      body = JSON.parse(event.data)
    } catch {
      return event.event === "error" ? this.#complain(event.data) : this.#breakOff(`no JSON: ${event.data}`)
    }
    if (!isBody(body)) return this.#breakOff(`no chunk: ${event.data}`)
    if (event.event === "error" || body.error != null) return this.#complain(body)
    if (body.usage != null) this.usage = usageOf(body.usage) ?? this.usage
    const choice = firstChoice(body)
    if (choice !== undefined) this.#onChoice(choice)
  }

  #onChoice({ delta, finish_reason }: WireChoice) {
    if (delta != null) {
      if (filled(delta.content)) {
        this.#text += delta.content
        this.started = true
        this.said ||= hasWords(delta.content)
      } else if (filled(delta.reasoning_content) || filled(delta.reasoning)) {
        this.started = true
      }
      if (filled(delta.refusal)) this.#refuse("a refusal")
    }
    if (!filled(finish_reason) || this.over) return
    const reason = reasonOf(finish_reason)
    if (reason === "refused") return this.#refuse(`finish_reason ${finish_reason}`)
    if (reason === "broken") return this.#breakOff(`finish_reason ${finish_reason}`)
    this.#reason = reason
    this.complete = true
  }

  #finish(reason: FinishReason | undefined) {
    if (reason === undefined)
      return this.#breakOff(`it ended early${this.#beginning ? `: ${this.#beginning}` : ""}`)
    if (!this.said) {
      const { usage } = this
      return this.#fail(new ModelSaidNothing({ reason, usage }), `finish_reason ${reason}`)
    }
    this.#reason = reason
    this.complete = true
    this.over = true
  }

  #complain(body: unknown) {
    this.#fail(fromEvent(this.#asked, body), detailOf(this.#asked, body))
  }

  #refuse(detail: string) {
    this.#fail(new ContentRefused({ provider: this.#asked.provider }), detail)
  }

  #breakOff(detail: string) {
    this.#fail(new ModelCutOff({ provider: this.#asked.provider }), detail)
  }

  #fail(failure: ModelError, detail: string) {
    this.over = true
    if (this.failure !== undefined) return
    this.failure = failure
    this.detail = redact(detail, this.#asked.secret)
  }
}
