import { expect } from "bun:test"
import { HttpServer, HttpServerResponse } from "@effect/platform"
import { Effect, Layer, Logger, LogLevel } from "effect"
import { errorBody } from "../../../src/api/PlexiChat/Envelope"
import { makeFallbackResponses } from "../../../src/http/middleware/StandardHeaders"
import * as BunServer from "../../../src/infra/bun-http/BunServer"
import * as IdGenerator from "../../../src/infra/crypto/Ids"
import { connectTcp } from "../../infra/bun-http/RawClient"
import { layer } from "../../support/it"

/** A server that no app runs on, and on which every upgrade fails with an exception. */
const serverLayer = Layer.unwrapEffect(
  Effect.map(makeFallbackResponses([{ prefix: "/v1", errorBody }]), ({ fallbackResponse }) =>
    BunServer.layer({
      port: 0,
      hostname: "127.0.0.1",
      maxRequestBodySize: 1000,
      drainTimeout: 0,
      fallbackResponse,
      upgradeHandler: {
        matches: () => {
          throw new Error("a defect outside of the app")
        },
        handle: () => new Response(),
        maxMessageSize: 1000,
      },
    }),
  ),
).pipe(Layer.provide([IdGenerator.layer, Logger.minimumLogLevel(LogLevel.None)]))

/** Sends a request over TCP. Returns the status line and the JSON body. */
const send = Effect.fn(function* (path: string) {
  const { address } = yield* HttpServer.HttpServer
  const client = yield* connectTcp(address._tag === "TcpAddress" ? address.port : 0)
  client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\nX-Request-Id: req_12345678\r\nConnection: close\r\n\r\n`)
  yield* client.until(({ text }) => text.endsWith("}"))
  const json: unknown = JSON.parse(client.text.slice(client.text.indexOf("{")))
  return [client.text.slice("HTTP/1.1 ".length).slice(0, 3), json]
})

const envelope = (code: string) => ({
  success: false,
  error: { code, message: expect.any(String) },
  meta: { timestamp: expect.any(String), request_id: "req_12345678" },
})
const common = (code: string) => ({ error: expect.any(String), code, requestId: "req_12345678" })

layer(serverLayer)("Responses without an app", (it) => {
  it.live("are errors in the format of the contract that the path belongs to", () =>
    Effect.gen(function* () {
      expect(yield* send("/v1/files?page=2")).toEqual(["503", envelope("UNAVAILABLE")])
      expect(yield* send("/v1")).toEqual(["503", envelope("UNAVAILABLE")])
      expect(yield* send("/v10/files")).toEqual(["503", common("UNAVAILABLE")])
      expect(yield* send("/api/chats")).toEqual(["503", common("UNAVAILABLE")])
      yield* Effect.scoped(
        Effect.gen(function* () {
          const server = yield* HttpServer.HttpServer
          yield* server.serve(Effect.succeed(HttpServerResponse.empty()))
          expect(yield* send("/v1/files")).toEqual(["500", envelope("INTERNAL_ERROR")])
          expect(yield* send("/api/chats")).toEqual(["500", common("INTERNAL_ERROR")])
        }),
      )
    }),
  )
})
