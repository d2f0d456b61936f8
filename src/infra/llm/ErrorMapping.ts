import { APIConnectionError, APIError } from "openai"
import {
  BaseUrlNotAllowed,
  ContentFiltered,
  ContextLengthExceeded,
  InvalidResponse,
  ModelAccessDenied,
  type ModelError,
  ModelNotFound,
  ModelOverloaded,
  ModelRateLimited,
  ModelRequestRejected,
  ModelUnreachable,
  StreamInterrupted,
} from "../../domain/models/LanguageModel"
import { UrlNotAllowed } from "../http-client/guardedFetch"
import { type ProviderError, parseProviderError, redact } from "./ProviderError"
import { UnexpectedResponse } from "./ProviderFetch"

/**
 * Identifies a model call in error messages: the provider's display name, and the model id as the caller gave
 * it.
 */
export interface CallContext {
  readonly provider: string
  readonly model: string
  /** The provider's API key, redacted from every text even if the provider repeats it. */
  readonly secret: string | undefined
  /** Whether that is the calling user's own key. */
  readonly isOwnKey?: boolean | undefined
}

const contextLength =
  /context.?length|context (?:size|limit|window)|prompt is too long|input token count|maximum model length|max_seq_len|exceed_context|request_too_large|reduce (?:the length of|your prompt)/
const contentFiltered =
  /content.?(?:filter|policy|management)|moderation|responsible.?ai|prohibited.?content|\bsafety\b|was flagged/
const insufficientQuota =
  /insufficient.?(?:quota|credit|balance|fund)|credit balance|out of credit|payment required/
const invalidApiKey = /invalid.?api.?key|api.?key.?(?:not valid|invalid)|invalid.?authentication|unauthorized/
const modelNotFound =
  /model.?not.?found|not a valid model|unknown model|no endpoints? found|models?[ /].*(?:not found|does not exist)/
/** What servers answer to a path that they do not have, whatever the model: the base URL is wrong. */
const pathNotFound =
  /^\s*(?:404 )*(?:page |resource |path |endpoint |route )?not found\.?\s*$|^(?:cannot post|invalid url|unknown request url|no such path|no static resource|method not allowed)|requested (?:url|path|resource) .*not (?:found|exist)/
const rateLimited = /rate.?limit|too many requests|resource.?exhausted/
const overloaded = /overloaded|server.?error|internal.?error|unavailable|capacity|timeout/

interface ErrorSignals extends ProviderError {
  /** Codes and message joined, in lowercase. */
  readonly text: string
  /** True unless the status indicates a rate limit or a server error. */
  readonly isRequestFault: boolean
}
type Rule = readonly [
  matches: (signals: ErrorSignals) => boolean,
  toError: (context: CallContext, signals: ErrorSignals) => ModelError,
]

const invalidCredentials = ({ provider, isOwnKey }: CallContext) =>
  new ModelAccessDenied({ provider, reason: "credentials", isOwnKey })
const outOfCredit = ({ provider, isOwnKey }: CallContext) =>
  new ModelAccessDenied({ provider, reason: "credit", isOwnKey })
const rateLimit = ({ provider }: CallContext, { retryAfter }: ErrorSignals) =>
  new ModelRateLimited({ provider, retryAfter })
const overload = ({ provider }: CallContext) => new ModelOverloaded({ provider })

/** Classification rules in order of precedence: the first match decides. */
const rules: ReadonlyArray<Rule> = [
  [
    ({ isRequestFault, text, status }) => status === 413 || (isRequestFault && contextLength.test(text)),
    ({ provider }) => new ContextLengthExceeded({ provider }),
  ],
  [
    ({ isRequestFault, text }) => isRequestFault && contentFiltered.test(text),
    ({ provider }) => new ContentFiltered({ provider }),
  ],
  // OpenAI answers 429 for an exhausted account, where waiting does not help; every 429 of Google mentions
  // quotas.
  [
    ({ codeText, text, status }) =>
      status === 402 || insufficientQuota.test(status === 429 ? codeText : text),
    outOfCredit,
  ],
  [({ status }) => status === 429, rateLimit],
  [({ status }) => status === 401 || status === 403, invalidCredentials],
  [({ isRequestFault, text }) => isRequestFault && invalidApiKey.test(text), invalidCredentials],
  [
    ({ isRequestFault, text }) => isRequestFault && modelNotFound.test(text),
    ({ model }) => new ModelNotFound({ model }),
  ],
  [({ status = 0 }) => status === 408 || status === 409 || status >= 500, overload],
  [({ text, status }) => status === undefined && rateLimited.test(text), rateLimit],
  [({ text, status }) => status === undefined && overloaded.test(text), overload],
]

/** Classifies a provider's error, or returns undefined when no rule matches. */
const classify = (context: CallContext, providerError: ProviderError): ModelError | undefined => {
  const { status, codeText, message } = providerError
  const signals: ErrorSignals = {
    ...providerError,
    text: `${codeText} ${message.toLowerCase()}`,
    isRequestFault: status === undefined || (status >= 400 && status < 500 && status !== 429),
  }
  return rules.find(([matches]) => matches(signals))?.[1](context, signals)
}

/** Maps an HTTP error response to the port's error. */
const mapStatusError = (context: CallContext, error: APIError): ModelError => {
  const { status, headers } = error
  const providerError = parseProviderError(error.error ?? error.message, status, headers)
  const classified = classify(context, providerError)
  if (classified !== undefined) return classified
  const message = providerError.message.toLowerCase()
  // An HTML page instead of an error object: the base URL belongs to something that is not a model API.
  const isPage = error.error === undefined && /<html|<!doctype/.test(message)
  if (isPage || status === 405 || (status === 404 && pathNotFound.test(message))) {
    return new InvalidResponse({ provider: context.provider })
  }
  if (status === 404) return new ModelNotFound({ model: context.model })
  const reason = redact(providerError.message, context.secret)
  return new ModelRequestRejected({
    provider: context.provider,
    reason: reason === "" ? `status ${status}` : reason,
  })
}

/**
 * Maps an error object sent in the middle of a stream or in the body of a 200; unclassified ones count as an
 * interrupted answer.
 */
export const mapStreamError = (context: CallContext, body: unknown): ModelError =>
  classify(context, parseProviderError(body)) ?? new StreamInterrupted({ provider: context.provider })

/** Returns an error of this class in a thrown value: the SDK wraps it as a connection error. */
const findCause = <E extends Error>(thrown: unknown, type: new (...args: never) => E): E | undefined =>
  [thrown, thrown instanceof APIConnectionError ? thrown.cause : undefined].find(
    (error): error is E => error instanceof type,
  )

/** Maps what the SDK or the connection threw before the answer started. */
export const mapThrown = (context: CallContext, thrown: unknown): ModelError => {
  const notAllowed = findCause(thrown, UrlNotAllowed)
  if (notAllowed !== undefined) {
    return new BaseUrlNotAllowed({ provider: context.provider, reason: notAllowed.message })
  }
  if (findCause(thrown, UnexpectedResponse) !== undefined)
    return new InvalidResponse({ provider: context.provider })
  if (thrown instanceof APIConnectionError) return new ModelUnreachable({ provider: context.provider })
  if (thrown instanceof APIError) {
    return thrown.status === undefined
      ? mapStreamError(context, thrown.error)
      : mapStatusError(context, thrown)
  }
  return new StreamInterrupted({ provider: context.provider })
}

/** Returns the provider's own description of a failure, redacted for the log. */
export const logDetail = (context: CallContext, thrown: unknown) => {
  if (!(thrown instanceof Error)) return redact(parseProviderError(thrown).message, context.secret)
  const unexpected = findCause(thrown, UnexpectedResponse)
  if (unexpected !== undefined) return redact(unexpected.message, context.secret)
  const cause = thrown.cause instanceof Error ? ` ${thrown.cause.message}` : ""
  return redact(`${thrown.message}${cause}`, context.secret)
}
