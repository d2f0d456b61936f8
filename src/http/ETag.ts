import { createHash } from "node:crypto"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"

/** Clients may store the response for this user, and ask each time whether it is still current. */
const cacheControl = "private, no-cache"

/** Whether the client has the response with this ETag already. The comparison is weak, as for every `GET`. */
const isCurrent = ({ headers }: HttpServerRequest.HttpServerRequest, etag: string): boolean => {
  const known = headers["if-none-match"]
  if (known === undefined) return false
  const opaque = etag.replace(/^W\//, "")
  return known.trim() === "*" || [...known.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaque)
}

/** Adds the ETag to a successful response, or replaces it by 304 if the client has it already. */
export const withETag = (
  request: HttpServerRequest.HttpServerRequest,
  etag: string,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse => {
  const headers = { etag, "cache-control": cacheControl }
  return isCurrent(request, etag)
    ? HttpServerResponse.empty({ status: 304, headers })
    : HttpServerResponse.setHeaders(response, headers)
}

/** Adds a weak ETag over the body, as `withETag`. Responses other than 200 with a body stay as they are. */
export const withBodyETag = (
  request: HttpServerRequest.HttpServerRequest,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse => {
  const { body, status } = response
  if (status !== 200 || body._tag !== "Uint8Array") return response
  const hash = createHash("sha256").update(body.body).digest("base64url").slice(0, 22)
  return withETag(request, `W/"${hash}"`, response)
}
