import { Effect, ExecutionStrategy, Exit, Redacted, Scope } from "effect"
import OpenAI from "openai"
import { type ModelRequest, ModelTimedOut } from "../../domain/conversation/LanguageModel"
import { fromCompletion } from "./Answer"
import type { ProviderSettings } from "./Configured"
import { Exchange, streamOf } from "./Exchange"
import { type Asked, detailOf, fromThrown } from "./Failures"
import type { Limits } from "./Limits"
import { retrying } from "./Retry"
import * as Telemetry from "./Telemetry"

const makeClient = ({ baseUrl, key, id }: ProviderSettings) =>
  new OpenAI({
    baseURL: baseUrl,
    apiKey: key === undefined ? "none" : Redacted.value(key),
    adminAPIKey: null,
    // OPENAI_ORG_ID and OPENAI_PROJECT_ID are nobody else's business.
    ...(id === "openai" ? {} : { organization: null, project: null }),
    ...(key === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    maxRetries: 0,
    // Time is watched here, per attempt and per chunk: the client's own limit must never come first.
    timeout: 2 ** 31 - 1,
    logLevel: "off",
  })

/** OpenAI itself has given up `max_tokens`; many others know nothing else. */
const isOpenAi = (baseUrl: string) => /(?:^|\.)openai\.(?:azure\.)?com$/.test(new URL(baseUrl).hostname)

/** What an attempt holds is let go when it fails, so that the next one starts clean. */
const inOwnScope = <A, E, R>(attempt: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
    return yield* Scope.extend(attempt, scope).pipe(
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
    )
  })

/**
 * One configured provider, spoken to through the official client.
 *
 * @param settings where it is and with which key
 * @param limits how long it may take and how often it is asked again
 */
export const make = (settings: ProviderSettings, limits: Limits) => {
  const client = makeClient(settings)
  const retry = retrying(limits)
  const secret = settings.key === undefined ? undefined : Redacted.value(settings.key)
  const tokenLimit = isOpenAi(settings.baseUrl) ? "max_completion_tokens" : "max_tokens"

  const askedFor = (model: string): Asked => ({ provider: settings.name, model, secret })

  const params = (model: string, { turns, maxOutputTokens, temperature }: ModelRequest) => ({
    model,
    messages: turns.map(({ role, content }) => ({ role, content })),
    ...(maxOutputTokens === undefined ? {} : { [tokenLimit]: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  })

  /** Streams an answer of the provider's model `model`. */
  const opening = (model: string, request: ModelRequest) => {
    const body = {
      ...params(model, request),
      stream: true as const,
      stream_options: { include_usage: true },
    }
    return Effect.gen(function* () {
      const call = yield* Telemetry.watch("LanguageModel.stream", settings.id, model)
      const acquire = Effect.sync(() => new Exchange(askedFor(request.model), limits))
      const attempt = Effect.gen(function* () {
        const exchange = yield* Effect.acquireRelease(acquire, (exchange) =>
          Effect.sync(() => {
            call.conclude(exchange.decoder)
            exchange.close()
          }),
        )
        yield* exchange.open(client, body)
        return exchange
      })
      const exchange = yield* call.watching(Effect.retry(inOwnScope(attempt), retry))
      call.firstToken()
      return exchange
    })
  }

  /** The answer of the provider's model `model`, as a stream. */
  const stream = (model: string, request: ModelRequest) => streamOf(opening(model, request))

  /** The same, spoken into `hear`. */
  const speak = (model: string, request: ModelRequest, hear: (text: string) => void) =>
    Effect.scoped(Effect.flatMap(opening(model, request), (exchange) => exchange.drain(hear)))

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
      Effect.flatMap((body) => fromCompletion(asked, body)),
      Effect.timeoutFail({
        duration: limits.answer,
        onTimeout: () => new ModelTimedOut({ provider: asked.provider, waitingFor: "first token" }),
      }),
    )
  }

  /** The whole answer of the provider's model `model`, in one response. */
  const complete = (model: string, request: ModelRequest) =>
    Effect.gen(function* () {
      const call = yield* Telemetry.watch("LanguageModel.complete", settings.id, model)
      const answer = yield* call.watching(Effect.retry(completion(model, request, call), retry))
      call.complete(answer.usage)
      return answer
    }).pipe(Effect.scoped)

  return { stream, speak, complete }
}
