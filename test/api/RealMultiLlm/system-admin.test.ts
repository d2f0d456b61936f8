import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { pacedAnswer } from "../../support/ScriptedProvider/Script"

layer(Server.layer())("Stream connections", (it) => {
  it.live("lists a model stream of another contract while it runs", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const { token } = yield* app.newAdmin()
      const user = yield* app.newUser()
      const get = app.request("GET", "/api/admin/stream-connections", { token })
      expect((yield* get).json).toEqual({ active: 0, connections: [] })
      yield* provider.script(pacedAnswer("word ", 1000, 50))
      const chat = yield* app.newChat(user)
      const response = yield* app.requestStream("GET", app.streamPath(chat, "Hello"), { token: user.token })
      yield* provider.received(0)
      const { json } = yield* get
      expect(json).toEqual({
        active: 1,
        connections: [
          {
            id: response.headers.get("x-generation-id"),
            userId: user.id,
            provider: "openai",
            startedAt: expect.stringMatching(/^\d{4}-/),
          },
        ],
      })
      const id = Object(json).connections[0].id
      yield* app.request("POST", `/api/generations/${id}/stop`, { token: user.token })
      yield* Effect.promise(() => response.text())
      expect((yield* get).json).toEqual({ active: 0, connections: [] })
    }),
  )
})

layer(Server.layer({ OPENAI_API_KEY: "sk-the-key-of-the-server" }))("API key health", (it) => {
  it.live("calls the provider with the key, at most once a minute", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const { token } = yield* app.newAdmin()
      const check = app.request("GET", "/api/admin/api-keys/health", { token })
      const results = yield* Effect.all([check, check], { concurrency: 2 })
      for (const { status, json } of results) expect([status, json]).toEqual([200, { openai: "healthy" }])
      const calls = provider.listRequests.length
      yield* check
      expect(provider.listRequests.length).toBe(calls)
      expect(provider.listRequests.at(-1)?.["authorization"]).toBe("Bearer sk-the-key-of-the-server")
    }),
  )
})

layer(Server.layer({ OPENAI_API_KEY: "sk-the-key-of-the-server" }))(
  "API key health after a rejection",
  (it) => {
    it.live("reports a key that the provider rejects, and never shows it", () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const { token } = yield* app.newAdmin()
        yield* provider.setListResponse(() =>
          Response.json({ error: { message: "bad key" } }, { status: 401 }),
        )
        const response = yield* app.request("GET", "/api/admin/api-keys/health", { token })
        expect([response.status, response.json]).toEqual([200, { openai: "unhealthy" }])
        expect(response.text).not.toContain("sk-the-key")
      }),
    )
  },
)

layer(Server.layer())("API key health without a key", (it) => {
  it.live("leaves out providers that have no key", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const { status, json } = yield* app.request("GET", "/api/admin/api-keys/health", { token })
      expect([status, json]).toEqual([200, {}])
    }),
  )
})
