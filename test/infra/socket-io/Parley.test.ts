import { expect } from "bun:test"
import { Effect } from "effect"
import { securityHeaders } from "../../../src/http/middleware/SecurityHeaders"
import * as App from "../../support/App"
import { layer } from "../../support/it"
import { session } from "./rawClient"

const settings = { CORS_ORIGINS: "https://chat.example.com", MAX_SOCKET_MESSAGE_BYTES: "2000000" }

layer(App.layer(settings))("Parley's own Socket.IO", (it) => {
  it.live("answers with the headers that every answer has", () =>
    Effect.gen(function* () {
      const { request: ask } = yield* App.App
      const headers = { origin: "https://chat.example.com" }
      for (const query of ["EIO=4&transport=polling", "EIO=4&transport=none"]) {
        const answer = yield* ask("GET", `/socket.io/?${query}`, { headers })
        expect(Object.fromEntries(answer.headers)).toMatchObject({
          ...securityHeaders,
          "access-control-allow-origin": "https://chat.example.com",
          "access-control-allow-credentials": "true",
          vary: "Origin",
          "x-request-id": expect.stringMatching(/^[\w-]{8,}$/),
        })
      }
      const stranger = { origin: "https://elsewhere.example.com" }
      const answer = yield* ask("OPTIONS", "/socket.io/?EIO=4&transport=polling", { headers: stranger })
      expect(answer.headers.get("access-control-allow-origin")).toBeNull()
    }),
  )

  it.live("takes messages as large as the setting says, beside the contracts", () =>
    Effect.gen(function* () {
      const { request: ask, url } = yield* App.App
      const opened = yield* ask("GET", "/socket.io/?EIO=4&transport=polling")
      expect(JSON.parse(opened.text.slice(1))).toMatchObject({ maxPayload: 2_000_000, pingInterval: 25_000 })
      const address = `${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`
      const { send, next, closed } = yield* session(address)
      send(`40{"token":"${"x".repeat(1_900_000)}"}`)
      // Refused, but read: nobody has such a token.
      expect(yield* next).toStartWith("44")
      send(`42["${"x".repeat(2_000_000)}"]`)
      expect((yield* closed).code).toBe(1009)
      expect((yield* ask("GET", "/api/health")).status).toBe(200)
      expect((yield* ask("GET", "/socket.io/socket.io.js")).status).toBe(404)
    }),
  )
})
