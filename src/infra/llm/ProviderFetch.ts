import { guardedFetch } from "../http-client/guardedFetch"
import { readBounded, readPrefix } from "../http-client/readBounded"

/** Maximum bytes read of an error response; real ones are far smaller. */
const MAX_ERROR_BYTES = 64 * 1024

/** Default maximum bytes of a JSON response: larger than any text answer or model list. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024

/** Bytes of an unexpected response read to identify it; the log shortens them further. */
const PREVIEW_BYTES = 4096

/**
 * Thrown when the response does not come from a model API. The message quotes it and must be redacted before
 * logging.
 */
export class UnexpectedResponse extends Error {}

const statusLine = ({ status, headers }: Response) =>
  `${status} ${headers.get("content-type") ?? "without content type"}`

/** Reads the start of a response into an UnexpectedResponse. */
export const unexpectedResponse = async (response: Response) =>
  new UnexpectedResponse(
    `${statusLine(response)}: ${Buffer.from(await readPrefix(response, PREVIEW_BYTES)).toString()}`,
  )

/** Returns whether a response is a page for people: that of a proxy, for example. */
export const isWebPage = ({ headers }: Response) => /^text\/html\b/i.test(headers.get("content-type") ?? "")

/** The beginning of JSON, and of an event stream. */
const answerStart = /^\s*(?:[{["]|data:|event:|:)/

/** Returns the bytes of a response that is JSON or an event stream, by its content type or its beginning. */
export const readAnswerBytes = async (response: Response): Promise<Uint8Array> => {
  if (isWebPage(response)) throw await unexpectedResponse(response)
  const bytes = await readBounded(response, MAX_RESPONSE_BYTES)
  const isAnswer =
    /json|event-stream/i.test(response.headers.get("content-type") ?? "") ||
    answerStart.test(Buffer.from(bytes?.subarray(0, PREVIEW_BYTES) ?? []).toString())
  if (bytes !== undefined && isAnswer) return bytes
  const problem =
    bytes === undefined
      ? `more than ${MAX_RESPONSE_BYTES} bytes`
      : Buffer.from(bytes.subarray(0, PREVIEW_BYTES)).toString()
  throw new UnexpectedResponse(`${statusLine(response)}: ${problem}`)
}

/**
 * Returns the bytes of a JSON response. Throws an UnexpectedResponse when it is not JSON or larger than
 * `maxBytes`.
 */
const readJsonBytes = async (response: Response, maxBytes = MAX_RESPONSE_BYTES): Promise<Uint8Array> => {
  if (!/json/i.test(response.headers.get("content-type") ?? "")) throw await unexpectedResponse(response)
  const bytes = await readBounded(response, maxBytes)
  if (bytes === undefined)
    throw new UnexpectedResponse(`${statusLine(response)}: more than ${maxBytes} bytes`)
  return bytes
}

/** Sends a request to a provider. */
export type ProviderFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Reads at most `MAX_ERROR_BYTES` of the body of an error response. */
const withBoundedError = async (response: Response): Promise<Response> => {
  if (response.ok) return response
  const { status, statusText, headers } = response
  const body = await readPrefix(response, MAX_ERROR_BYTES).catch(() => "")
  return new Response(body, { status, statusText, headers })
}

/**
 * Sends a request to a provider, without Bun's own timeout of some minutes without a byte: callers
 * enforce their own. Of an error response at most `MAX_ERROR_BYTES` of the body are read.
 */
export const fetchProvider: ProviderFetch = async (input, init) =>
  withBoundedError(await fetch(input, { ...init, timeout: false }))

/** Makes a `fetchProvider` for addresses that users chose: throws UrlNotAllowed for private networks. */
export const makeGuardedFetch =
  (allowPrivate: boolean): ProviderFetch =>
  async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    return withBoundedError(await guardedFetch(url, { ...init, allowPrivate, timeout: false }))
  }

/** Returns a `fetch` for the official client that accepts only JSON responses of at most `maxBytes`. */
export const makeJsonFetch =
  (maxBytes?: number, send: ProviderFetch = fetchProvider): ProviderFetch =>
  async (input, init) => {
    const response = await send(input, init)
    if (!response.ok) return response
    const { status, statusText } = response
    const headers = new Headers(response.headers)
    headers.set("content-type", "application/json")
    return new Response(await readJsonBytes(response, maxBytes), { status, statusText, headers })
  }
