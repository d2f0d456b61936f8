import { Channel, Chunk, Effect, Exit, Scope, Stream } from "effect"
import type OpenAI from "openai"
import {
  ModelCutOff,
  type ModelError,
  type ModelPart,
  ModelTimedOut,
  ModelUnreachable,
  type Spoken,
} from "../../domain/conversation/LanguageModel"
import { AnswerDecoder } from "./Answer"
import { type Asked, detailOf, fromThrown } from "./Failures"
import type { Limits } from "./Limits"

type Body = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">
type Params = OpenAI.Chat.ChatCompletionCreateParamsStreaming

/** Characters held for a reader that is busy elsewhere; beyond them the provider has to wait. */
const mostHeld = 256 * 1024
/** How long the end of a finished body is awaited, so that its connection can be used again. */
const settling = 1000

/**
 * One request and its streamed answer. It reads ahead in plain callbacks and wakes its reader once
 * for all that has come: a fiber woken for every chunk costs more than all the rest together.
 * Time is watched by one timer that compares timestamps.
 */
export class Exchange {
  readonly decoder: AnswerDecoder
  readonly #asked: Asked
  readonly #limits: Limits
  readonly #abort = new AbortController()
  readonly #begun = performance.now()
  #body: Body | undefined
  #bodyOver = false
  /** Wakes whoever waits for the decoder to have something. */
  #wake: (() => void) | undefined
  /** Since when the next chunk is awaited; `undefined` while none is. */
  #waitingSince: number | undefined
  #timer: Timer | undefined
  #timedOut: ModelTimedOut | undefined

  constructor(asked: Asked, limits: Limits) {
    this.#asked = asked
    this.#limits = limits
    this.decoder = new AnswerDecoder(asked)
    this.#watch()
  }

  /** Sends the request and waits until `pull` has something to give. */
  open(client: OpenAI, params: Params): Effect.Effect<void, ModelError> {
    return Effect.tryPromise({
      try: () => this.#request(client, params),
      catch: (thrown) => {
        this.decoder.detail = detailOf(this.#asked, thrown)
        return this.#timedOut ?? fromThrown(this.#asked, thrown)
      },
    }).pipe(
      Effect.zipRight(
        Effect.async<void, ModelError>((resume) => {
          this.#whenReady(() => {
            const { failure, held } = this.decoder
            resume(failure === undefined || held > 0 ? Exit.void : Exit.fail(failure))
          })
        }),
      ),
    )
  }

  /** All parts that have come since the last pull, at least one; none when the answer is over. */
  readonly pull: Effect.Effect<ReadonlyArray<ModelPart>, ModelError> = Effect.async((resume) => {
    this.#whenReady(() => {
      const parts = this.decoder.take()
      const { failure } = this.decoder
      resume(parts.length > 0 || failure === undefined ? Exit.succeed(parts) : Exit.fail(failure))
    })
    this.#readAhead()
  })

  /** Hands over all text as it comes, in plain callbacks, and ends as the answer does. */
  drain(hear: (text: string) => void): Effect.Effect<Spoken, ModelError> {
    return Effect.async((resume) => {
      let finished: Spoken | undefined
      const next = () => {
        const parts = this.decoder.take()
        for (const part of parts) {
          if (part._tag === "Delta") hear(part.text)
          else finished = part
        }
        if (parts.length > 0) return more()
        const cutOff = new ModelCutOff({ provider: this.#asked.provider })
        resume(finished === undefined ? Exit.fail(this.decoder.failure ?? cutOff) : Exit.succeed(finished))
      }
      const more = () => {
        this.#whenReady(next)
        this.#readAhead()
      }
      more()
    })
  }

  /** Ends the provider's work at once, unless it is done already. */
  close() {
    clearTimeout(this.#timer)
    this.#wake = undefined
    if (this.#bodyOver) return
    if (this.decoder.complete) this.#timer = setTimeout(() => this.#abort.abort(), settling)
    else this.#abort.abort()
  }

  async #request(client: OpenAI, params: Params) {
    const response = await client.chat.completions.create(params, { signal: this.#abort.signal }).asResponse()
    const type = response.headers.get("content-type") ?? ""
    if (type.includes("json")) {
      this.decoder.whole(await response.json())
      this.#bodyOver = true
    } else if (type.startsWith("text/html") || response.body === null) {
      throw new ModelUnreachable({ provider: this.#asked.provider })
    } else {
      this.#body = response.body.getReader()
      this.#readAhead()
    }
  }

  #whenReady(wake: () => void) {
    if (this.decoder.held > 0 || this.decoder.over) wake()
    else this.#wake = wake
  }

  #readAhead() {
    if (this.#body === undefined || this.#bodyOver) return
    if (this.#waitingSince !== undefined || this.decoder.held > mostHeld) return
    this.#waitingSince = performance.now()
    this.#body.read().then(
      ({ value }) => this.#onBytes(value),
      () => this.#onBytes(undefined, this.#timedOut ?? new ModelCutOff({ provider: this.#asked.provider })),
    )
  }

  #onBytes(bytes: Uint8Array | undefined, broken?: ModelError) {
    const { decoder } = this
    this.#waitingSince = undefined
    if (bytes !== undefined) {
      decoder.feed(bytes)
      this.#readAhead()
    } else {
      this.#bodyOver = true
      clearTimeout(this.#timer)
      decoder.end(broken)
    }
    if (this.#wake === undefined || (decoder.held === 0 && !decoder.over)) return
    const wake = this.#wake
    this.#wake = undefined
    wake()
  }

  #watch() {
    const { started, said } = this.decoder
    const { firstToken, idle } = this.#limits
    const now = performance.now()
    const deadline = started ? (this.#waitingSince ?? now) + idle : this.#begun + firstToken
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

type Parts = Channel.Channel<Chunk.Chunk<ModelPart>, unknown, ModelError, unknown, void, unknown>

const partsOf = ({ pull }: Exchange) => {
  const more: Parts = Channel.flatMap(Channel.fromEffect(pull), (parts) =>
    parts.length === 0 ? Channel.void : Channel.zipRight(Channel.write(Chunk.unsafeFromArray(parts)), more),
  )
  return more
}

/**
 * The answer of an exchange as a stream that closes it. One channel from end to end:
 * `Stream.unwrapScoped` would pass every chunk through another.
 */
export const streamOf = (opening: Effect.Effect<Exchange, ModelError, Scope.Scope>) =>
  Stream.fromChannel(
    Channel.acquireUseRelease(
      Scope.make(),
      (scope): Parts => Channel.flatMap(Channel.fromEffect(Scope.extend(opening, scope)), partsOf),
      (scope, exit) => Scope.close(scope, exit),
    ),
  )
