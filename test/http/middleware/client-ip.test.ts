import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { rawAsk } from "./rawRequest"

layer(Server.layer())("An address", (it) => {
  it.live("is spelled as it is documented, but for a slash at its end", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const statuses = yield* Effect.forEach(
        ["/api/chats", "/api/chats/", "/API/chats", "/api/Chats", "//api/chats", "/api//chats"],
        (path) =>
          // Bun's client would take a slash away.
          Effect.map(rawAsk(app.url, `GET ${path} HTTP/1.1\r\nAuthorization: Bearer ${token}`), (answer) => [
            path,
            answer?.status,
          ]),
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

  it.live("is the same to those who name no host, or none that there can be", () =>
    Effect.gen(function* () {
      const app = yield* App
      const ask = (path: string, host: ReadonlyArray<string>) =>
        Effect.map(rawAsk(app.url, `GET ${path} HTTP/1.0`, "", host), (answer) => answer?.status)
      for (const host of [[], ["Host:"], ["Host: a b"], ["Host: a/b"]]) {
        expect(yield* ask("/api/health", host)).toBe(200)
        expect(yield* ask("/x/api/health", host)).toBe(404)
        expect(yield* ask("/socket.io/?EIO=4&transport=polling", host)).toBe(200)
        expect(yield* ask("/x/socket.io/?EIO=4&transport=polling", host)).toBe(404)
      }
    }),
  )
})
