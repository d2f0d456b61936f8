import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/personas"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const body = { name: "Code Reviewer", systemPrompt: "You are an expert code reviewer..." }

layer(Server.layer())("Personas", (it) => {
  it.live("creates, lists, updates and deletes personas as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id: userId } = yield* app.newUser()
      const created = yield* app.request("POST", path, { token, body })
      const persona = {
        ...body,
        id: created.at("id"),
        description: "",
        userId,
        createdAt: time,
        updatedAt: time,
      }
      expect([created.status, created.json]).toEqual([201, persona])
      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toEqual([200, [persona]])
      const updated = yield* app.request("PUT", path, { token, body: { id: persona.id, name: "Senior" } })
      expect([updated.status, updated.json]).toEqual([200, { ...persona, name: "Senior" }])
      const deleted = yield* app.request("DELETE", `${path}?id=${persona.id}`, { token })
      expect([deleted.status, deleted.text]).toEqual([204, ""])
      const again = yield* app.request("PUT", path, { token, body: { id: persona.id } })
      expect([again.status, again.at("code")]).toEqual([404, "PERSONA_NOT_FOUND"])
    }),
  )

  it.live("rejects a missing id, a missing prompt and a persona of another user", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const other = yield* app.newUser()
      for (const [method, sent, field] of [
        ["POST", { name: "Empty" }, "systemPrompt"],
        ["PUT", { name: "Nobody" }, "id"],
        ["DELETE", undefined, "id"],
      ] as const) {
        const { status, json } = yield* app.request(method, path, { token, body: sent })
        expect([method, status, json]).toMatchObject([method, 400, { fields: [{ field }] }])
      }
      const id = (yield* app.request("POST", path, { token, body })).at("id")
      const taken = yield* app.request("PUT", path, { token: other.token, body: { id, name: "Mine" } })
      const removed = yield* app.request("DELETE", `${path}?id=${id}`, { token: other.token })
      expect([taken.status, removed.status]).toEqual([404, 404])
      expect((yield* app.request("GET", path, { token: other.token })).json).toEqual([])
    }),
  )

  it.live("is a config with the default model in UniChat, until it gets a model there", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const id = (yield* app.request("POST", path, { token, body })).at("id")
      const models = yield* app.request("GET", "/api/models", { token })
      const config = yield* app.request("GET", `/api/configs/${id}`, { token })
      expect([config.status, config.at("config.system_prompt")]).toEqual([200, body.systemPrompt])
      expect(models.text).toContain(config.at("config.model_id"))
      const sent = yield* app.request("POST", "/api/chat/send", {
        token,
        body: { config_id: id, message: "Hi" },
      })
      expect(sent.status).toBe(200)

      const copy = yield* app.request("POST", `/api/configs/${id}/duplicate`, { token, body: {} })
      expect(copy.status).toBe(201)
      yield* app.request("PUT", `/api/configs/${id}`, { token, body: { model_id: "openai/gpt-4o" } })
      const { json } = yield* app.request("GET", path, { token })
      expect(json).toMatchObject([{ id: copy.at("config.id"), name: "Copy of Code Reviewer" }])
    }),
  )
})
