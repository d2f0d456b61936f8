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

/** As much of what a provider says as is looked at: the patterns below take longer than a text is long. */
const longest = 4000

const text = (value: unknown) => {
  if (typeof value === "string") return value.slice(0, longest)
  return value === undefined || value === null ? "" : JSON.stringify(value).slice(0, longest)
}

/** No provider asks for more than this; what is longer is no wait. */
const longestWait = Duration.toMillis("30 days")

const wait = (millis: number) => (millis >= 0 && millis <= longestWait ? Duration.millis(millis) : undefined)

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
const retryAfterOf = (headers: Headers | undefined): Duration.Duration | undefined => {
  const millis = wait(Number.parseFloat(headers?.get("retry-after-ms") ?? ""))
  if (millis !== undefined) return millis
  const after = headers?.get("retry-after") ?? ""
  if (/^\d+(\.\d+)?$/.test(after)) return wait(Number(after) * 1000)
  const date = Date.parse(after)
  return Number.isNaN(date) ? undefined : wait(Math.max(0, date - Date.now()))
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
    .slice(0, longest)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, "[address]")
    .replace(/\bbearer\s+\S+/gi, "[hidden]")
    .replace(/\b(?:sk|pk|rk|key|gsk)[-_*][^\s"',]+/gi, "[hidden]")
    .replace(/[\w+/*-]{32,}/g, "[hidden]")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 300)
    .toWellFormed()
