import { expect } from "bun:test"
import { Effect } from "effect"
import { connectTcp } from "../../infra/bun-http/RawClient"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

/** Sends a request over TCP. Returns the status and the JSON body. */
const send = Effect.fn(function* (head: string, body = "") {
  const app = yield* App
  const client = yield* connectTcp(Number(new URL(app.url).port))
  const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`
  client.send(
    `${head}\r\nHost: test\r\nX-Request-Id: req_12345678\r\n${length}Connection: close\r\n\r\n${body}`,
  )
  yield* client.until(({ text }) => text.endsWith("}"))
  const json: unknown = JSON.parse(client.text.slice(client.text.indexOf("{")))
  return [Number(client.text.slice("HTTP/1.1 ".length).slice(0, 3)), json]
}, Effect.scoped)

const envelope = (code: string) => ({
  success: false,
  error: { code, message: expect.stringMatching(/\w/) },
  meta: { timestamp: expect.stringMatching(/Z$/), request_id: "req_12345678" },
})

layer(Server.layer({ RATE_LIMITS: "on", RATE_LIMIT_GENERAL_PER_MIN: "8" }))("Errors below /v1", (it) => {
  it.live("are envelopes: unmatched paths, other methods, malformed, unsupported and too large bodies", () =>
    Effect.gen(function* () {
      const { token } = yield* (yield* App).newUser()
      const json = `Authorization: Bearer ${token}\r\nContent-Type: application/json`
      const create = `POST /v1/organizations HTTP/1.1\r\n${json}`
      for (const [head, body, status, code] of [
        ["GET /v1 HTTP/1.1", "", 404, "NOT_FOUND"],
        ["GET /v1/nothing HTTP/1.1", "", 404, "NOT_FOUND"],
        ["GET /v1/files;x HTTP/1.1", "", 404, "NOT_FOUND"],
        ["PATCH /v1/files HTTP/1.1", "", 405, "METHOD_NOT_ALLOWED"],
        ["GET /v1/files HTTP/1.1", "", 401, "UNAUTHORIZED"],
        [create, '{"name":', 400, "MALFORMED_JSON"],
        [create, "[".repeat(5000) + "]".repeat(5000), 400, "JSON_TOO_DEEP"],
        [create, `"${"x".repeat(1_048_577)}"`, 413, "PAYLOAD_TOO_LARGE"],
        [create.replace("application/json", "text/plain"), "x", 415, "UNSUPPORTED_MEDIA_TYPE"],
      ] as const)
        expect([head, yield* send(head, body)]).toEqual([head, [status, envelope(code)]])
      const [status, invalid] = yield* send(create, "{}")
      expect([status, invalid]).toMatchObject([
        400,
        { success: false, error: { code: "VALIDATION_ERROR", details: { field: "name" } } },
      ])
    }),
  )

  it.live("are envelopes: too many requests", () =>
    Effect.gen(function* () {
      const responses = yield* Effect.forEach(Array.from({ length: 9 }), () => send("GET /v1/none HTTP/1.1"))
      expect(responses.at(-1)).toEqual([429, envelope("RATE_LIMITED")])
    }),
  )
})
