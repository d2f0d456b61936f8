import { Cookies, type HttpServerResponse } from "@effect/platform"

const responseHeaders = ({ headers, cookies }: HttpServerResponse.HttpServerResponse) => {
  if (Cookies.isEmpty(cookies)) return headers
  const all = new Headers(headers)
  for (const cookie of Cookies.toSetCookieHeaders(cookies)) all.append("set-cookie", cookie)
  return all
}

/** Whether Bun can send a handler's raw body. */
const isSendableBody = (body: unknown): body is Bun.BodyInit =>
  typeof body === "string" ||
  body instanceof ReadableStream ||
  body instanceof Blob ||
  body instanceof FormData ||
  body instanceof URLSearchParams ||
  body instanceof ArrayBuffer ||
  ArrayBuffer.isView(body)

/** Converts a response to Bun's; `stream` replaces a body that is an Effect stream. Throws if the body cannot be sent. */
export const toWebResponse = (
  response: HttpServerResponse.HttpServerResponse,
  stream?: ReadableStream,
): Response => {
  const { body, status, statusText } = response
  const init =
    statusText === undefined
      ? { status, headers: responseHeaders(response) }
      : { status, statusText, headers: responseHeaders(response) }
  switch (body._tag) {
    case "Empty":
      return new Response(undefined, init)
    case "FormData":
      return new Response(body.formData, init)
    case "Stream":
      return new Response(stream, init)
    case "Uint8Array":
      return new Response(body.body, init)
    case "Raw": {
      if (body.body instanceof Response) {
        for (const [name, value] of new Headers(init.headers)) {
          if (name === "set-cookie") body.body.headers.append(name, value)
          else body.body.headers.set(name, value)
        }
        return body.body
      }
      if (!isSendableBody(body.body)) throw new TypeError("Unsupported response body")
      return new Response(body.body, init)
    }
  }
}
