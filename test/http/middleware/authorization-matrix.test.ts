import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectRefusal, open, operations, pathOf, sample } from "./operations"
import { rawAsk } from "./rawRequest"

layer(Server.layer())("Every operation", (it) => {
  it.live("says in its contract that it wants a sign-in, or is known to be open to all", () =>
    Effect.gen(function* () {
      const all = yield* operations
      expect(all.length).toBeGreaterThan(14)
      for (const { contract, operation } of all) {
        const path = operation.path.replaceAll(/:(\w+)/g, "{$1}")
        const item: unknown = contract.spec.paths[path as `/${string}`]
        const described = Object(item)[operation.method.toLowerCase()]
        const wanted: unknown = described?.security
        expect([operation.name, wanted]).toEqual([
          operation.name,
          open.has(operation.name) ? [] : [{ bearer: [] }, { cookie: [] }],
        ])
      }
    }),
  )

  it.live("is refused to nobody in its contract's shape, before anything else is said", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      for (const { contract, operation } of yield* operations) {
        if (open.has(operation.name)) continue
        const path = yield* pathOf(operation, owner)
        const { body, query } = sample(operation)
        const head = `${operation.method} ${path}${query} HTTP/1.1\r\nContent-Type: application/json`
        const raw = (text: string) => rawAsk(app.url, `${head}\r\nContent-Length: ${text.length}`, text)
        for (const asking of [
          app.request(operation.method, path + query, { body }),
          app.request(operation.method, path + query, { body: operation.takesBody ? {} : undefined }),
          app.request(operation.method, path + query, { body, token: "junk" }),
          app.request(operation.method, path + query, { body, cookie: "junk" }),
          ...(operation.takesBody ? [raw('{"cut off'), raw(`"${"x".repeat(1_100_000)}"`)] : []),
        ]) {
          const answer = yield* Effect.flatMap(asking, Effect.fromNullable)
          expect([operation.name, answer.status]).toEqual([operation.name, 401])
          expectRefusal(contract, answer)
          expect(answer.at("code")).toBe("UNAUTHORIZED")
        }
      }
    }),
  )

  it.live(
    "on what is somebody else's finds nothing, and leaves it as it was; an administrator's is refused to others",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const stranger = yield* app.newUser()
        let walked = 0
        const admin = yield* app.newAdmin()
        for (const { contract, operation } of yield* operations) {
          const { body, query, may } = sample(operation)
          if (!operation.path.includes(":") && may !== "admin") continue
          const path = yield* pathOf(operation, owner)
          yield* app.newChat(owner)
          const before = (yield* app.request("GET", "/api/chats", { token: owner.token })).at("data.0.id")
          const messages = Effect.map(
            app.request("GET", `/api/chats/${before}/messages`, { token: owner.token }),
            ({ json }) => Object(json).data,
          )
          const held = yield* messages
          const answer = yield* app.request(operation.method, path + query, { token: stranger.token, body })
          const expected = { owner: 404, everyone: 200, admin: 403 }[may]
          expect([operation.name, answer.status]).toEqual([operation.name, expected])
          if (expected >= 400) expectRefusal(contract, answer)
          expect(yield* messages).toEqual(held)
          const { token } = may === "admin" ? admin : owner
          const allowed = yield* app.request(operation.method, path + query, { token, body })
          expect([operation.name, [200, 201].includes(allowed.status)]).toEqual([operation.name, true])
          walked++
        }
        expect(walked).toBeGreaterThan(4)
      }),
  )
})
