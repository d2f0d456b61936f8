import { expect } from "bun:test"
import { Effect, Fiber, Schedule } from "effect"
import { connectTcp } from "../../infra/bun-http/RawClient"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectErrorBody } from "./operations"
import { parseResponse } from "./rawRequest"

const json = "Content-Type: application/json"
const upload = [
  "Content-Type: multipart/form-data; boundary=b",
  "Content-Length: 1000",
  "",
  "--b",
  'Content-Disposition: form-data; name="file"; filename="a.txt"',
  "",
  "half",
]

/** Sends a part of a request over a connection that stays open. */
const send = (lines: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const client = yield* connectTcp(Number(new URL((yield* App).url).port))
    const [requestLine = "", ...others] = lines
    client.send([requestLine, "Host: test", ...others].join("\r\n"))
    return client
  })

layer(Server.layer({ BODY_TIMEOUT: "1 second" }))("A body that does not arrive in time", (it) => {
  for (const [name, lines] of [
    ["Account", ["POST /api/auth/login HTTP/1.1", json, "Content-Length: 20", "", '{"email":']],
    ["Account", ["POST /api/auth/login HTTP/1.1", json, "Content-Length: 100000", "", '{"email":']],
    ["PlexiChat", ["POST /v1/auth/login HTTP/1.1", json, "Transfer-Encoding: chunked", "", "1", "{", ""]],
  ] as const)
    it.live(`is answered with 408 before authentication, and the connection closed: ${lines[2]}`, () =>
      Effect.gen(function* () {
        const client = yield* send(lines)
        yield* client.awaitClose
        const response = parseResponse(client.text)
        if (response === undefined) throw new Error("There is no response")
        expect([response.status, response.text]).toEqual([408, expect.stringContaining("REQUEST_TIMEOUT")])
        expectErrorBody({ name }, response)
      }),
    )

  it.live("is answered with 408 while a file is received", () =>
    Effect.gen(function* () {
      const { token } = yield* (yield* App).newUser()
      const client = yield* send(["POST /api/files HTTP/1.1", `Authorization: Bearer ${token}`, ...upload])
      yield* client.awaitClose
      expect(client.text).toStartWith("HTTP/1.1 408 ")
    }),
  )

  it.live("is not in time because a byte arrives now and then", () =>
    Effect.gen(function* () {
      const client = yield* send(["POST /api/auth/login HTTP/1.1", json, "Content-Length: 90000", "", "{"])
      const trickle = Effect.repeat(
        Effect.sync(() => client.send(" ")),
        Schedule.spaced("100 millis"),
      )
      const sender = yield* Effect.fork(trickle)
      yield* client.awaitClose
      yield* Fiber.interrupt(sender)
      expect(client.text).toStartWith("HTTP/1.1 408 ")
    }),
  )
})
