import { expect } from "bun:test"
import { Effect } from "effect"
import { securityHeaders } from "../../../src/http/middleware/SecurityHeaders"
import * as App from "../../support/App"
import { layer } from "../../support/it"
import { openSession } from "./rawClient"

const settings = { CORS_ORIGINS: "https://chat.example.com", MAX_SOCKET_MESSAGE_BYTES: "2000000" }

layer(App.layer(settings))("Parley's Socket.IO server", (it) => {
  it.live("sends the headers of every other response", () =>
    Effect.gen(function* () {
      const { request } = yield* App.App
      const headers = { origin: "https://chat.example.com" }
      for (const query of ["EIO=4&transport=polling", "EIO=4&transport=none"]) {
        const answer = yield* request("GET", `/socket.io/?${query}`, { headers })
        expect(Object.fromEntries(answer.headers)).toMatchObject({
          ...securityHeaders,
          "access-control-allow-origin": "https://chat.example.com",
          "access-control-allow-credentials": "true",
          vary: "Origin",
          "x-request-id": expect.stringMatching(/^[\w-]{8,}$/),
        })
      }
      const otherOrigin = { origin: "https://elsewhere.example.com" }
      const answer = yield* request("OPTIONS", "/socket.io/?EIO=4&transport=polling", {
        headers: otherOrigin,
      })
      expect(answer.headers.get("access-control-allow-origin")).toBeNull()
    }),
  )

  it.live("accepts messages up to MAX_SOCKET_MESSAGE_BYTES while the HTTP API is served", () =>
    Effect.gen(function* () {
      const { request, url } = yield* App.App
      const handshake = yield* request("GET", "/socket.io/?EIO=4&transport=polling")
      expect(JSON.parse(handshake.text.slice(1))).toMatchObject({
        maxPayload: 2_000_000,
        pingInterval: 25_000,
      })
      const address = `${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`
      const { send, next, closed } = yield* openSession(address)
      send(`40{"token":"${"x".repeat(1_900_000)}"}`)
      // The message is read, although its token is invalid.
      expect(yield* next).toStartWith("44")
      send(`42["${"x".repeat(2_000_000)}"]`)
      expect((yield* closed).code).toBe(1009)
      expect((yield* request("GET", "/api/health")).status).toBe(200)
      expect((yield* request("GET", "/socket.io/socket.io.js")).status).toBe(404)
    }),
  )
})
