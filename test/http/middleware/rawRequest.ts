import { Effect } from "effect"
import { connectTcp } from "../../infra/bun-http/RawClient"
import { TestResponse } from "../../support/App"

const unchunk = (body: string): string => {
  let text = ""
  for (let rest = body; ; ) {
    const end = rest.indexOf("\r\n")
    const size = Number.parseInt(rest.slice(0, end), 16)
    if (!(size > 0)) return text
    text += rest.slice(end + 2, end + 2 + size)
    rest = rest.slice(end + 4 + size)
  }
}

/** Parses a response as it was received; undefined if there is none. */
export const parseResponse = (received: string) => {
  const split = received.indexOf("\r\n\r\n")
  if (split === -1) return undefined
  const [status = "", ...fields] = received.slice(0, split).split("\r\n")
  const headers = new Headers(fields.map((line) => line.split(/: ?(.*)/s, 2) as [string, string]))
  const content = received.slice(split + 4)
  const text = headers.get("transfer-encoding") === "chunked" ? unchunk(content) : content
  return new TestResponse(Number(status.split(" ")[1]), headers, Buffer.from(text, "latin1").toString("utf8"))
}

/**
 * Sends a request byte for byte, unlike any HTTP client, and reads the response until the server closes the
 * connection. Undefined if it closes without a response.
 */
export const rawRequest = (
  url: string,
  head: string,
  body: string | Uint8Array = "",
  host: ReadonlyArray<string> = ["Host: test"],
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const client = yield* connectTcp(Number(new URL(url).port))
      const lines = [head, ...host, "Connection: close", "", ""]
      client.send(Buffer.from(lines.join("\r\n"), "latin1"))
      client.send(body)
      yield* client.awaitClose
      return parseResponse(client.text)
    }),
  )
