import { Effect, Redacted } from "effect"
import OpenAI from "openai"
import {
  type Completion,
  type ModelError,
  type ModelRequest,
  ModelTimedOut,
  type StreamResult,
} from "../../domain/models/LanguageModel"
import { isAzureDeployment } from "./BaseUrl"
import type { CallPolicy } from "./CallPolicy"
import { makeSender } from "./ChatCompletionsClient"
import { type CallContext, logDetail, mapThrown } from "./ErrorMapping"
import { toMessage } from "./Message"
import type { ConfiguredProvider } from "./ProviderDefinitions"
import { makeJsonFetch, readAnswerBytes } from "./ProviderFetch"
import { makeAdaptiveSender, type RequestAdaptations } from "./RequestAdaptations"
import { retrySchedule } from "./Retry"
import { StreamDecoder } from "./StreamDecoder"
import { StreamingCall } from "./StreamingCall"
import * as Telemetry from "./Telemetry"

/** Returns the headers that replace the client's own: without a key none, and Azure's deployments have another one. */
const defaultHeaders = (baseUrl: string, key: Redacted.Redacted | undefined) => {
  if (key === undefined) return { defaultHeaders: { Authorization: null } }
  return isAzureDeployment(baseUrl) ? { defaultHeaders: { "api-key": Redacted.value(key) } } : {}
}

/** Creates the official client for a provider's base URL and key; responses larger than `maxBytes` fail. */
export const makeClient = ({ baseUrl, key, id, isOwnAccount, send }: ConfiguredProvider, maxBytes?: number) =>
  new OpenAI({
    baseURL: baseUrl,
    apiKey: key === undefined ? "none" : Redacted.value(key),
    adminAPIKey: null,
    // OPENAI_ORG_ID and OPENAI_PROJECT_ID must not be sent to other providers, nor with other keys.
    ...(id === "openai" && !isOwnAccount ? {} : { organization: null, project: null }),
    ...defaultHeaders(baseUrl, key),
    maxRetries: 0,
    // Timeouts are enforced per attempt and per chunk by this module: the client's own must never fire first.
    timeout: 2 ** 31 - 1,
    fetch: makeJsonFetch(maxBytes, send),
    logLevel: "off",
  })

/**
 * Returns whether the URL is OpenAI's or Azure's: they deprecated `max_tokens`, while many others accept
 * nothing else.
 */
const isOpenAi = (baseUrl: string) => /(?:^|\.)openai\.(?:azure\.)?com$/.test(new URL(baseUrl).hostname)

/** Omits a parameter that has no effect: some models reject it even at its neutral value. */
const optionalParam = (name: string, value: number | undefined, neutral?: number) =>
  value === undefined || value === neutral ? {} : { [name]: value }

/**
 * Creates the adapter of one configured provider on the official client.
 *
 * @param provider base URL and key
 * @param policy timeouts and retries
 * @param adaptations what models have refused before
 */
export const make = (
  provider: ConfiguredProvider,
  policy: CallPolicy,
  adaptations: typeof RequestAdaptations.Service,
) => {
  const { baseUrl, send } = provider
  const sendRequest = makeAdaptiveSender(makeSender(makeClient(provider), send), baseUrl, adaptations)
  const retry = retrySchedule(policy)
  const secret = provider.key === undefined ? undefined : Redacted.value(provider.key)
  const tokenLimit = isOpenAi(provider.baseUrl) ? "max_completion_tokens" : "max_tokens"

  const contextFor = (model: string): CallContext => ({
    provider: provider.name,
    model,
    secret,
    isOwnKey: provider.isOwnAccount,
  })

  const params = (model: string, request: ModelRequest) => ({
    model,
    messages: request.messages.map(toMessage),
    ...optionalParam(tokenLimit, request.maxOutputTokens),
    ...optionalParam("temperature", request.temperature),
    ...optionalParam("top_p", request.topP, 1),
    ...optionalParam("frequency_penalty", request.frequencyPenalty, 0),
    ...optionalParam("presence_penalty", request.presencePenalty, 0),
  })

  const callTarget = (model: string) => ({ provider: provider.id, model })

  /** Streams an answer of the provider's model `model` into `onDelta`; retries only until its first token. */
  const stream = (
    model: string,
    request: ModelRequest,
    onDelta: (text: string) => void,
    onReasoning?: (reasoning: string) => void,
  ) => {
    const context = contextFor(request.model)
    const body = { ...params(model, request), stream: true as const, stream_options: { include_usage: true } }
    return Telemetry.instrumented("LanguageModel.stream", callTarget(model), (call) => {
      let started = false
      const attempt = Effect.async<StreamResult, ModelError>((resume) => {
        const streamingCall = new StreamingCall(context, policy, request, {
          onDelta,
          onReasoning,
          onEnd: (exit) => {
            recordProgress(streamingCall)
            resume(exit)
          },
        })
        const recordProgress = ({ decoder, timeToFirstTokenMs }: StreamingCall) => {
          started = decoder.started
          Object.assign(call, { ...decoder.usage, detail: decoder.detail, timeToFirstTokenMs })
        }
        streamingCall.send(sendRequest, body)
        return Effect.sync(() => {
          recordProgress(streamingCall)
          streamingCall.cancel()
        })
      })
      return Effect.retry(attempt, { schedule: retry, while: () => !started })
    })
  }

  const completion = (model: string, request: ModelRequest, call: Telemetry.CallRecord) => {
    const context = contextFor(request.model)
    const body = { ...params(model, request), stream: false as const }
    return Effect.tryPromise({
      try: async (signal) => readAnswerBytes(await sendRequest(body, signal)),
      catch: (thrown) => {
        call.detail = logDetail(context, thrown)
        return mapThrown(context, thrown)
      },
    }).pipe(
      Effect.flatMap((bytes) => {
        const decoder = new StreamDecoder(context, request)
        decoder.push(bytes)
        decoder.end()
        Object.assign(call, { ...decoder.usage, detail: decoder.detail })
        return Effect.map(decoder.result ?? Effect.never, (result): Completion => {
          const reasoning = decoder.drainReasoning()
          return { text: decoder.drain(), ...result, ...(reasoning === "" ? {} : { reasoning }) }
        })
      }),
      Effect.timeoutFail({
        duration: policy.answerTimeout,
        onTimeout: () => {
          call.detail = undefined
          return new ModelTimedOut({ provider: context.provider, phase: "answer" })
        },
      }),
    )
  }

  /** Requests a non-streamed answer of the provider's model `model`. */
  const complete = (model: string, request: ModelRequest) =>
    Telemetry.instrumented("LanguageModel.complete", callTarget(model), (call) =>
      Effect.retry(completion(model, request, call), retry),
    )

  return { stream, complete }
}
