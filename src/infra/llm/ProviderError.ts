import { Duration } from "effect"

/** An error reported by a provider, in an HTTP error response or in the middle of a stream. */
export interface ProviderError {
  readonly status: number | undefined
  /** Codes, types and reasons as one lowercase text: providers disagree about which field holds what. */
  readonly codeText: string
  readonly message: string
  readonly retryAfter: Duration.Duration | undefined
}

interface WireError {
  readonly message?: unknown
  readonly code?: unknown
  readonly type?: unknown
  readonly status?: unknown
  readonly metadata?: unknown
}
interface WireEnvelope extends WireError {
  readonly error?: unknown
  readonly detail?: unknown
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** Maximum characters examined per text: the time of the patterns below grows faster than the text. */
const MAX_TEXT_LENGTH = 4000

const boundedText = (value: unknown) => {
  if (typeof value === "string") return value.slice(0, MAX_TEXT_LENGTH)
  return value === undefined || value === null ? "" : JSON.stringify(value).slice(0, MAX_TEXT_LENGTH)
}

/** Longer values are treated as invalid: no provider sends them. */
const MAX_RETRY_AFTER_MS = Duration.toMillis("30 days")

const toRetryAfter = (millis: number) =>
  millis >= 0 && millis <= MAX_RETRY_AFTER_MS ? Duration.millis(millis) : undefined

/** Parses `retry-after-ms`, or `retry-after` in seconds or as an HTTP date. */
const parseRetryAfter = (headers: Headers | undefined): Duration.Duration | undefined => {
  const millis = toRetryAfter(Number.parseFloat(headers?.get("retry-after-ms") ?? ""))
  if (millis !== undefined) return millis
  const after = headers?.get("retry-after") ?? ""
  if (/^\d+(\.\d+)?$/.test(after)) return toRetryAfter(Number(after) * 1000)
  const date = Date.parse(after)
  return Number.isNaN(date) ? undefined : toRetryAfter(Math.max(0, date - Date.now()))
}

/** Parses `{ message, code, type, metadata }` in any of the nestings that providers use. */
export const parseProviderError = (body: unknown, status?: number, headers?: Headers): ProviderError => {
  const first: unknown = Array.isArray(body) ? body[0] : body
  const outer: WireEnvelope = isObject(first) ? first : { message: first }
  const inner: WireError = isObject(outer.error) ? outer.error : outer
  const { code, type, metadata } = inner
  return {
    // OpenRouter and vLLM send the HTTP status as the code.
    status: status ?? (typeof code === "number" && code >= 400 && code < 600 ? code : undefined),
    codeText: [code, type, inner.status, metadata].map(boundedText).join(" ").toLowerCase(),
    message: boundedText(inner.message ?? outer.error ?? outer.detail),
    retryAfter: parseRetryAfter(headers),
  }
}

/**
 * Returns a provider's text made safe to show and log: one line of at most 300 characters, without URLs and
 * anything that could be a key.
 */
export const redact = (text: string, secret: string | undefined) =>
  (secret === undefined ? text : text.replaceAll(secret, "[hidden]"))
    .slice(0, MAX_TEXT_LENGTH)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]")
    .replace(/\bbearer\s+\S+/gi, "[hidden]")
    .replace(/\b(?:sk|pk|rk|key|gsk)[-_*][^\s"',]+/gi, "[hidden]")
    .replace(/[\w+/*-]{32,}/g, "[hidden]")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 300)
    .toWellFormed()
