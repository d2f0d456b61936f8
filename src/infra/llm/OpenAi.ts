import { Effect, Either, Redacted } from "effect"
import OpenAI from "openai"
import {
  type ModelError,
  type ModelRequest,
  ModelTimedOut,
  type Spoken,
} from "../../domain/models/LanguageModel"
import { makeAsk } from "./ChatCompletionsClient"
import { fromCompletion } from "./CompletionDecoder"
import type { ProviderSettings } from "./ConfiguredProviders"
import { type Asked, detailOf, fromThrown } from "./ErrorMapping"
import { toMessage } from "./Message"
import { askForJson } from "./ProviderFetch"
import { retrying } from "./Retry"
import { Exchange } from "./StreamingCall"
import * as Telemetry from "./Telemetry"
import type { Limits } from "./Timeouts"

/** The official client, at one provider's address and with its key, for answers of at most `largest` bytes. */
export const makeClient = ({ baseUrl, key, id }: ProviderSettings, largest?: number) =>
  new OpenAI({
    baseURL: baseUrl,
    apiKey: key === undefined ? "none" : Redacted.value(key),
    adminAPIKey: null,
    // OPENAI_ORG_ID and OPENAI_PROJECT_ID are nobody else's business.
    ...(id === "openai" ? {} : { organization: null, project: null }),
    ...(key === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    maxRetries: 0,
    // Time is watched here, per attempt and per chunk: no limit of the client's, or of Bun's, comes first.
    timeout: 2 ** 31 - 1,
    fetch: askForJson(largest),
    logLevel: "off",
  })

/** OpenAI itself has given up `max_tokens`; many others know nothing else. */
const isOpenAi = (baseUrl: string) => /(?:^|\.)openai\.(?:azure\.)?com$/.test(new URL(baseUrl).hostname)

/** What changes nothing is left out: some models refuse a parameter even at its neutral value. */
const given = (name: string, value: number | undefined, neutral?: number) =>
  value === undefined || value === neutral ? {} : { [name]: value }

/**
 * One configured provider, spoken to through the official client.
 *
 * @param settings where it is and with which key
 * @param limits how long it may take and how often it is asked again
 */
export const make = (settings: ProviderSettings, limits: Limits) => {
  const client = makeClient(settings)
  const ask = makeAsk(client)
  const retry = retrying(limits)
  const secret = settings.key === undefined ? undefined : Redacted.value(settings.key)
  const tokenLimit = isOpenAi(settings.baseUrl) ? "max_completion_tokens" : "max_tokens"

  const askedFor = (model: string): Asked => ({ provider: settings.name, model, secret })

  const params = (model: string, request: ModelRequest) => ({
    model,
    messages: request.turns.map(toMessage),
    ...given(tokenLimit, request.maxOutputTokens),
    ...given("temperature", request.temperature),
    ...given("top_p", request.topP, 1),
    ...given("frequency_penalty", request.frequencyPenalty, 0),
    ...given("presence_penalty", request.presencePenalty, 0),
  })

  const callTo = (model: string) => ({ provider: settings.id, model })

  /** An answer of the provider's model `model`, spoken into `hear` as it comes. */
  const speak = (model: string, request: ModelRequest, hear: (text: string) => void) => {
    const asked = askedFor(request.model)
    const body = { ...params(model, request), stream: true as const, stream_options: { include_usage: true } }
    return Telemetry.watched("LanguageModel.speak", callTo(model), (call) => {
      let started = false
      const attempt = Effect.async<Spoken, ModelError>((resume) => {
        const exchange = new Exchange(asked, limits, {
          hear,
          over: (exit) => {
            note(exchange)
            resume(exit)
          },
        })
        const note = ({ decoder, waited }: Exchange) => {
          started = decoder.started
          Object.assign(call, { usage: decoder.usage, detail: decoder.detail, waited })
        }
        exchange.send(ask, body)
        return Effect.sync(() => {
          note(exchange)
          exchange.close()
        })
      })
      return Effect.retry(attempt, { schedule: retry, while: () => !started })
    })
  }

  const completion = (model: string, request: ModelRequest, call: Telemetry.Call) => {
    const asked = askedFor(request.model)
    return Effect.tryPromise({
      try: (signal) =>
        client.chat.completions.create({ ...params(model, request), stream: false }, { signal }),
      catch: (thrown) => {
        call.detail = detailOf(asked, thrown)
        return fromThrown(asked, thrown)
      },
    }).pipe(
      Effect.flatMap((body) =>
        Either.mapLeft(fromCompletion(asked, body), ({ error, detail }) => {
          call.detail = detail
          if (error._tag === "ModelSaidNothing") call.usage = error.usage
          return error
        }),
      ),
      Effect.timeoutFail({
        duration: limits.answer,
        onTimeout: () => {
          call.detail = undefined
          return new ModelTimedOut({ provider: asked.provider, waitingFor: "answer" })
        },
      }),
    )
  }

  /** The whole answer of the provider's model `model`, in one response. */
  const complete = (model: string, request: ModelRequest) =>
    Telemetry.watched("LanguageModel.complete", callTo(model), (call) =>
      Effect.tap(Effect.retry(completion(model, request, call), retry), ({ usage }) => {
        call.usage = usage
      }),
    )

  return { speak, complete }
}
