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

/**
 * Returns the bytes of a JSON response. Throws an UnexpectedResponse when it is not JSON or larger than
 * `maxBytes`.
 */
export const readJsonBytes = async (
  response: Response,
  maxBytes = MAX_RESPONSE_BYTES,
): Promise<Uint8Array> => {
  if (!/json/i.test(response.headers.get("content-type") ?? "")) throw await unexpectedResponse(response)
  const bytes = await readBounded(response, maxBytes)
  if (bytes === undefined)
    throw new UnexpectedResponse(`${statusLine(response)}: more than ${maxBytes} bytes`)
  return bytes
}

/**
 * Sends a request to a provider, without Bun's own timeout of some minutes without a byte: callers
 * enforce their own. Of an error response at most `MAX_ERROR_BYTES` of the body are read.
 */
export const fetchProvider = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const response = await fetch(input, { ...init, timeout: false })
  if (response.ok) return response
  const { status, statusText, headers } = response
  const body = await readPrefix(response, MAX_ERROR_BYTES).catch(() => "")
  return new Response(body, { status, statusText, headers })
}

/** Returns a `fetch` for the official client that accepts only JSON responses of at most `maxBytes`. */
export const makeJsonFetch =
  (maxBytes?: number): typeof fetchProvider =>
  async (input, init) => {
    const response = await fetchProvider(input, init)
    if (!response.ok) return response
    const { status, statusText } = response
    const headers = new Headers(response.headers)
    headers.set("content-type", "application/json")
    return new Response(await readJsonBytes(response, maxBytes), { status, statusText, headers })
  }
