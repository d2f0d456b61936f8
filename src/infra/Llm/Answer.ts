import { Either, Exit } from "effect"
import { createParser, type EventSourceMessage } from "eventsource-parser"
import type { ModelError, Spoken, TokenUsage } from "../../domain/conversation/LanguageModel"
import {
  type Completion,
  ContentRefused,
  type FinishReason,
  ModelCutOff,
  ModelUnreachable,
} from "../../domain/conversation/LanguageModel"
import { type Asked, detailOf, fromEvent } from "./Failures"

/** The fields of a streamed chunk or a whole completion that are read; none can be relied on. */
interface WireBody {
  readonly error?: unknown
  readonly choices?: unknown
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null
}
interface WireChoice {
  readonly index?: unknown
  readonly delta?: WireText | null
  readonly message?: WireText | null
  readonly finish_reason?: unknown
}
interface WireText {
  readonly content?: unknown
  readonly refusal?: unknown
  readonly reasoning?: unknown
  readonly reasoning_content?: unknown
}

const longestLine = 16 * 1024 * 1024
const filled = (value: unknown): value is string => typeof value === "string" && value !== ""

const usageOf = (usage: WireBody["usage"]): TokenUsage | undefined => {
  const { prompt_tokens, completion_tokens } = usage ?? {}
  if (typeof prompt_tokens !== "number") return undefined
  return {
    promptTokens: prompt_tokens,
    completionTokens: typeof completion_tokens === "number" ? completion_tokens : 0,
  }
}

const isBody = (body: unknown): body is WireBody => typeof body === "object" && body !== null

/** Only one choice is asked for; should more come, the first is the answer. */
const firstChoice = ({ choices }: WireBody): WireChoice | undefined =>
  Array.isArray(choices)
    ? choices.find((choice: WireChoice | null) => isBody(choice) && (choice.index ?? 0) === 0)
    : undefined

/** A finish reason as the port knows it; `refused` and `broken` are failures. */
const reasonOf = (reason: string): FinishReason | "refused" | "broken" => {
  if (reason === "length" || reason === "max_tokens") return "length"
  if (/filter|safety|prohibited|recitation|blocklist|refusal/i.test(reason)) return "refused"
  return /^(?:error|abort)/i.test(reason) ? "broken" : "stop"
}

/**
 * Turns the bytes of one streamed answer into text, and holds it until it is taken. A failure is
 * kept beside it, so that what was said before it is delivered first.
 */
export class AnswerDecoder {
  /** Why the answer broke; set at most once, and then nothing more is decoded. */
  failure: ModelError | undefined
  /** What the provider said about its failure, safe to log. */
  detail: string | undefined
  /** Nothing more will come: the answer is finished, or has failed. */
  over = false
  /** The provider said that the answer is complete, though usage may still follow. */
  complete = false
  /** Text or reasoning has come. */
  started = false
  /** Text has come. */
  said = false
  /** Tokens as last counted by the provider. */
  usage: TokenUsage | undefined

  #text = ""
  #reason: FinishReason | undefined
  readonly #asked: Asked
  readonly #utf8 = new TextDecoder()
  readonly #parser = createParser({
    onEvent: (event) => this.#onEvent(event),
    maxBufferSize: longestLine,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") this.#fail(this.#cutOff())
    },
  })

  constructor(asked: Asked) {
    this.#asked = asked
  }

  /** Bytes as the network cut them. */
  feed(bytes: Uint8Array) {
    if (!this.over) this.#parser.feed(this.#utf8.decode(bytes, { stream: true }))
  }

  /** Nothing more can be read: the body ended cleanly, or `broken` says why it did not. */
  end(broken?: ModelError) {
    if (this.over) return
    // Some servers leave out the last blank line.
    if (broken === undefined) this.#parser.feed(`${this.#utf8.decode()}\n\n`)
    if (broken !== undefined && !this.complete) this.#fail(broken)
    else if (!this.over) this.#finish(this.#reason)
  }

  /** A server that does not stream answered with the whole at once. */
  whole(body: unknown) {
    Either.match(fromCompletion(this.#asked, body), {
      onLeft: (failure) => this.#fail(failure),
      onRight: ({ reason, text, usage }) => {
        this.#text = text
        this.said = this.started = text !== ""
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
    // Without a finish_reason the marker alone is believed, if there is something to finish.
    if (event.data === "[DONE]") return this.#finish(this.#reason ?? (this.said ? "stop" : undefined))
    let body: unknown
    try {
      body = JSON.parse(event.data)
    } catch {
      return event.event === "error" ? this.#complain(event.data) : this.#fail(this.#cutOff())
    }
    if (!isBody(body)) return this.#fail(this.#cutOff())
    if (event.event === "error" || body.error != null) return this.#complain(body)
    if (body.usage != null) this.usage = usageOf(body.usage) ?? this.usage
    const choice = firstChoice(body)
    if (choice !== undefined) this.#onChoice(choice)
  }

  #onChoice({ delta, finish_reason }: WireChoice) {
    if (delta != null) {
      if (filled(delta.content)) {
        this.#text += delta.content
        this.said = this.started = true
      } else if (filled(delta.reasoning_content) || filled(delta.reasoning)) {
        this.started = true
      }
      if (filled(delta.refusal)) this.#fail(new ContentRefused({ provider: this.#asked.provider }))
    }
    if (!filled(finish_reason) || this.over) return
    const reason = reasonOf(finish_reason)
    if (reason === "refused") return this.#fail(new ContentRefused({ provider: this.#asked.provider }))
    if (reason === "broken") return this.#fail(this.#cutOff())
    this.#reason = reason
    this.complete = true
  }

  #finish(reason: FinishReason | undefined) {
    if (reason === undefined || (reason === "stop" && !this.said)) return this.#fail(this.#cutOff())
    this.#reason = reason
    this.complete = true
    this.over = true
  }

  #complain(body: unknown) {
    this.detail = detailOf(this.#asked, body)
    this.#fail(fromEvent(this.#asked, body))
  }

  #fail(failure: ModelError) {
    this.failure ??= failure
    this.over = true
  }

  #cutOff() {
    return new ModelCutOff({ provider: this.#asked.provider })
  }
}

/** A whole `chat.completion` body as a completion, or why it is none. */
export const fromCompletion = (asked: Asked, body: unknown): Either.Either<Completion, ModelError> => {
  const { provider } = asked
  // Something answered, a proxy's page perhaps, but no model server.
  if (!isBody(body)) return Either.left(new ModelUnreachable({ provider }))
  if (body.error !== undefined && body.error !== null) return Either.left(fromEvent(asked, body))
  const choice = firstChoice(body)
  const text = choice?.message?.content
  const reason = filled(choice?.finish_reason) ? reasonOf(choice.finish_reason) : "stop"
  if (reason === "refused" || filled(choice?.message?.refusal)) {
    return Either.left(new ContentRefused({ provider }))
  }
  if (reason === "broken" || (!filled(text) && reason === "stop")) {
    return Either.left(new ModelCutOff({ provider }))
  }
  return Either.right({ text: filled(text) ? text : "", reason, usage: usageOf(body.usage) })
}
