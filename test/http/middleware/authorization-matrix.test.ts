import { expect } from "bun:test"
import { OpenApi } from "@effect/platform"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { errorOf, expectErrorBody, operations, pathOf, publicOperations, sampleOf } from "./operations"
import { rawRequest } from "./rawRequest"

layer(Server.layer())("Authorization", (it) => {
  it.live("requires authentication in the document of every operation except the public ones", () =>
    Effect.gen(function* () {
      const all = yield* operations
      expect(all.length).toBeGreaterThan(14)
      for (const { contract, operation } of all) {
        const path = operation.path.replaceAll(/:(\w+)/g, "{$1}")
        const item: unknown = OpenApi.fromApi(contract.api).paths[path as `/${string}`]
        const described = Object(item)[operation.method.toLowerCase()]
        const security: unknown = described?.security
        expect([operation.name, security]).toEqual([
          operation.name,
          publicOperations.has(operation.name) ? [] : [{ bearer: [] }, { apiKey: [] }, { cookie: [] }],
        ])
      }
    }),
  )

  it.live(
    "rejects anonymous callers of every operation with the contract's error body, whatever the input",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        for (const { contract, operation } of yield* operations) {
          if (publicOperations.has(operation.name)) continue
          const path = yield* pathOf(operation, owner)
          const { encoded } = sampleOf(operation)
          const empty = operation.bodyFormat === undefined ? {} : { body: {} }
          const head = `${operation.method} ${path} HTTP/1.1\r\nContent-Type: application/json`
          const raw = (text: string) => rawRequest(app.url, `${head}\r\nContent-Length: ${text.length}`, text)
          for (const send of [
            app.request(operation.method, path, encoded),
            app.request(operation.method, path, empty),
            app.request(operation.method, path, { ...encoded, token: "junk" }),
            app.request(operation.method, path, { ...encoded, cookie: "junk" }),
            ...(operation.bodyFormat !== undefined
              ? [raw('{"cut off'), raw(`"${"x".repeat(1_100_000)}"`)]
              : []),
          ]) {
            const response = yield* Effect.flatMap(send, Effect.fromNullable)
            expect([operation.name, response.status]).toEqual([operation.name, 401])
            expectErrorBody(contract, response)
            expect(errorOf(contract, response).code).toBe("UNAUTHORIZED")
          }
        }
      }),
    { timeout: 120_000 },
  )

  it.live(
    "rejects every operation on the data of another user, and every administrator operation for other users",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const otherUser = yield* app.newUser()
        let count = 0
        const admin = yield* app.newAdmin()
        for (const { contract, operation } of yield* operations) {
          const { encoded, allowedFor, ownerReceives, hasOwner } = sampleOf(operation)
          if (!hasOwner && allowedFor !== "admin") continue
          const path = yield* pathOf(operation, owner)
          yield* app.newChat(owner)
          const chatId = (yield* app.request("GET", "/api/chats", { token: owner.token })).at("data.0.id")
          const messages = Effect.map(
            app.request("GET", `/api/chats/${chatId}/messages`, { token: owner.token }),
            // The answer to a prompt of the sample may still be growing.
            ({ json }) =>
              Object(json).data.items.map(({ id, role, content }: Record<string, unknown>) =>
                role === "USER" ? [id, content] : [id],
              ),
          )
          const messagesBefore = yield* messages
          const response = yield* app.request(operation.method, path, {
            token: otherUser.token,
            ...encoded,
          })
          const expected = { owner: 404, everyone: 200, admin: 403 }[allowedFor]
          expect([operation.name, response.status]).toEqual([operation.name, expected])
          if (expected >= 400) expectErrorBody(contract, response)
          expect(yield* messages).toEqual(messagesBefore)
          const { token } = allowedFor === "admin" ? admin : owner
          const allowed = yield* app.request(operation.method, path, { token, ...encoded })
          expect([operation.name, [200, 201, 204, ownerReceives].includes(allowed.status)]).toEqual([
            operation.name,
            true,
          ])
          count++
        }
        expect(count).toBeGreaterThan(4)
      }),
    { timeout: 120_000 },
  )
})
