import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { rawRequest } from "./rawRequest"

layer(Server.layer())("Routing", (it) => {
  it.live("matches paths exactly as documented, except for a trailing slash", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const statuses = yield* Effect.forEach(
        ["/api/chats", "/api/chats/", "/API/chats", "/api/Chats", "//api/chats", "/api//chats"],
        (path) =>
          // Bun's client would remove a slash.
          Effect.map(
            rawRequest(app.url, `GET ${path} HTTP/1.1\r\nAuthorization: Bearer ${token}`),
            (response) => [path, response?.status],
          ),
      )
      expect(statuses).toEqual([
        ["/api/chats", 200],
        ["/api/chats/", 200],
        ["/API/chats", 404],
        ["/api/Chats", 404],
        ["//api/chats", 404],
        ["/api//chats", 404],
      ])
    }),
  )

  it.live("matches the same paths without a Host header and with an invalid one", () =>
    Effect.gen(function* () {
      const app = yield* App
      const request = (path: string, host: ReadonlyArray<string>) =>
        Effect.map(rawRequest(app.url, `GET ${path} HTTP/1.0`, "", host), (response) => response?.status)
      for (const host of [[], ["Host:"], ["Host: a b"], ["Host: a/b"]]) {
        expect(yield* request("/api/health", host)).toBe(200)
        expect(yield* request("/x/api/health", host)).toBe(404)
        expect(yield* request("/socket.io/?EIO=4&transport=polling", host)).toBe(200)
        expect(yield* request("/x/socket.io/?EIO=4&transport=polling", host)).toBe(404)
      }
    }),
  )
})
