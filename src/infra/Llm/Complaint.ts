import { Duration } from "effect"

/** What a provider said went wrong, on an HTTP status or in the middle of a stream. */
export interface Complaint {
  readonly status: number | undefined
  /** Codes, types and reasons as one lower-case text: providers disagree about which is which. */
  readonly codes: string
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

const text = (value: unknown) => {
  if (typeof value === "string") return value
  return value === undefined || value === null ? "" : JSON.stringify(value)
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
const retryAfterOf = (headers: Headers | undefined): Duration.Duration | undefined => {
  const millis = Number.parseFloat(headers?.get("retry-after-ms") ?? "")
  if (millis >= 0) return Duration.millis(millis)
  const after = headers?.get("retry-after") ?? ""
  if (/^\d+(\.\d+)?$/.test(after)) return Duration.seconds(Number(after))
  const date = Date.parse(after)
  return Number.isNaN(date) ? undefined : Duration.millis(Math.max(0, date - Date.now()))
}

/** Reads `{ message, code, type, metadata }` in any of the ways that providers nest it. */
export const complaintOf = (body: unknown, status?: number, headers?: Headers): Complaint => {
  const first: unknown = Array.isArray(body) ? body[0] : body
  const outer: WireEnvelope = isObject(first) ? first : { message: first }
  const inner: WireError = isObject(outer.error) ? outer.error : outer
  const { code, type, metadata } = inner
  return {
    // OpenRouter and vLLM put the status into the code.
    status: status ?? (typeof code === "number" && code >= 400 && code < 600 ? code : undefined),
    codes: [code, type, inner.status, metadata].map(text).join(" ").toLowerCase(),
    message: text(inner.message ?? outer.error ?? outer.detail),
    retryAfter: retryAfterOf(headers),
  }
}

/** A provider's words made fit for a person: one line, no addresses, nothing that could be a key. */
export const redact = (words: string, secret: string | undefined) =>
  (secret === undefined ? words : words.replaceAll(secret, "[hidden]"))
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]")
    .replace(/\bbearer\s+\S+/gi, "[hidden]")
    .replace(/\b(?:sk|pk|rk|key|gsk)[-_*][^\s"',]+/gi, "[hidden]")
    .replace(/[\w+/*-]{32,}/g, "[hidden]")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300)
