import { Cookies, type HttpServerResponse } from "@effect/platform"

const headersOf = ({ headers, cookies }: HttpServerResponse.HttpServerResponse) => {
  if (Cookies.isEmpty(cookies)) return headers
  const all = new Headers(headers)
  for (const cookie of Cookies.toSetCookieHeaders(cookies)) all.append("set-cookie", cookie)
  return all
}

/** What Bun takes as a body, of what a handler may give as one. */
const isBody = (body: unknown): body is Bun.BodyInit =>
  typeof body === "string" ||
  body instanceof ReadableStream ||
  body instanceof Blob ||
  body instanceof FormData ||
  body instanceof URLSearchParams ||
  body instanceof ArrayBuffer ||
  ArrayBuffer.isView(body)

/** Bun's form of an answer. A body that is an Effect stream is given as `stream`. Throws on a body that cannot be sent. */
export const toWeb = (response: HttpServerResponse.HttpServerResponse, stream?: ReadableStream): Response => {
  const { body, status, statusText } = response
  const init =
    statusText === undefined
      ? { status, headers: headersOf(response) }
      : { status, statusText, headers: headersOf(response) }
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
      if (!isBody(body.body)) throw new TypeError("This cannot be sent as the body of an answer")
      return new Response(body.body, init)
    }
  }
}
