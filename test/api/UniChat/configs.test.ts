import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { atOnce, configOf, create, input, names, publish, template } from "./configFixtures"

const path = "/api/configs"
const unknown = "01890000-0000-7000-8000-000000000000"

layer(Server.layer())("Configs", (it) => {
  it.live("creates, reads, lists, updates and deletes a config as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const created = yield* app.request("POST", path, { token, body: input })
      const id = created.at("config.id")
      const config = configOf(id, user)
      expect([created.status, created.json]).toEqual([201, { config }])
      const read = yield* app.request("GET", `${path}/${id}`, { token })
      expect([read.status, read.json]).toEqual([200, { config }])
      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toEqual([
        200,
        { configs: [config], total: 1, page: 1, limit: 50, has_more: false },
      ])

      const change = {
        name: "Updated Name",
        description: "Updated description",
        system_prompt: "Updated prompt…",
        parameters: { temperature: 0, presence_penalty: -1.5 },
        tags: ["updated", "tags"],
      }
      const changed = yield* app.request("PUT", `${path}/${id}`, { token, body: change })
      const after = {
        ...config,
        ...change,
        parameters: { ...config.parameters, temperature: 0, presence_penalty: -1.5 },
      }
      expect([changed.status, changed.json]).toEqual([200, { config: after }])
      expect(changed.at("config.updated_at") >= read.at("config.updated_at")).toBe(true)
      const unchanged = yield* app.request("PUT", `${path}/${id}`, { token, body: {} })
      expect(unchanged.json).toEqual({ config: after })
      const modelChanged = yield* app.request("PUT", `${path}/${id}`, {
        token,
        body: { model_id: "openai/gpt-4" },
      })
      expect(modelChanged.json).toEqual({
        config: { ...after, model_id: "openai/gpt-4", model_name: "openai/gpt-4" },
      })

      const deleted = yield* app.request("DELETE", `${path}/${id}`, { token })
      expect([deleted.status, deleted.json]).toEqual([200, { message: "Config deleted" }])
      const responses = yield* Effect.all([
        app.request("GET", `${path}/${id}`, { token }),
        app.request("DELETE", `${path}/${id}`, { token }),
        app.request("PUT", `${path}/${id}`, { token, body: change }),
        app.request("POST", `${path}/${id}/publish`, { token }),
        app.request("POST", `${path}/${id}/duplicate`, { token }),
      ])
      expect(responses.map(({ status, json }) => [status, Object(json).code])).toEqual(
        responses.map(() => [404, "CONFIG_NOT_FOUND"]),
      )
    }),
  )

  it.live("requires a name, a model and a prompt, and fills other fields and parameters with defaults", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const { name, model_id, system_prompt } = input
      const required = { name: `  ${name} `, model_id, system_prompt }
      const created = yield* app.request("POST", `${path}/`, { token, body: required })
      expect([created.status, created.json]).toEqual([
        201,
        {
          config: {
            ...configOf(created.at("config.id"), user),
            model_name: model_id,
            description: "",
            avatar: "🤖",
            tags: [],
          },
        },
      ])
      const partial = yield* app.request("POST", path, {
        token,
        body: { ...required, parameters: { max_tokens: 1, top_p: 0.25 } },
      })
      expect(Object(partial.json).config.parameters).toEqual({
        ...input.parameters,
        max_tokens: 1,
        top_p: 0.25,
      })
      const invalid = yield* app.request("POST", path, {
        token,
        body: {
          name: "x".repeat(101),
          model_id: "",
          avatar: null,
          parameters: { temperature: 2.1, max_tokens: 0.5, top_p: "1", presence_penalty: -3 },
          tags: ["a", ""],
        },
      })
      expect([invalid.status, invalid.at("code")]).toEqual([400, "VALIDATION_ERROR"])
      const fields = Object(invalid.json).fields.map(({ field }: { field: string }) => field)
      expect(fields.toSorted()).toEqual([
        "avatar",
        "model_id",
        "name",
        "parameters.max_tokens",
        "parameters.presence_penalty",
        "parameters.temperature",
        "parameters.top_p",
        "system_prompt",
        "tags.1",
      ])
      for (const body of [
        { name: " " },
        { parameters: { top_p: 2 } },
        { system_prompt: "\n" },
        { tags: 1 },
      ]) {
        const id = created.at("config.id")
        expect((yield* app.request("PUT", `${path}/${id}`, { token, body })).status).toBe(400)
      }
      expect((yield* names(user, path)).total).toBe(2)
    }),
  )

  it.live("lists configs by page or skip, last changed first", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const ids = yield* Effect.forEach(["a", "b", "c", "d", "e"], (name) => create(user, { name }))
      const { token } = user
      // Updates at a later clock tick, so that `updated_at` differs.
      yield* Effect.sleep("5 millis")
      yield* app.request("PUT", `${path}/${ids[1]}`, { token, body: { description: "changed" } })
      const all = { total: 5, page: 1, limit: 50, has_more: false }
      expect(yield* names(user, path)).toEqual({ names: ["b", "e", "d", "c", "a"], ...all })
      expect(yield* names(user, `${path}?page=2&limit=2`)).toEqual({
        names: ["d", "c"],
        ...all,
        page: 2,
        limit: 2,
        has_more: true,
      })
      expect(yield* names(user, `${path}?skip=3&limit=2`)).toMatchObject({
        names: ["c", "a"],
        page: 2,
        has_more: false,
      })
      expect(yield* names(user, `${path}?page=9`)).toEqual({ names: [], ...all, page: 9 })
      for (const query of ["page=0", "limit=0", "limit=x", "skip=-1"]) {
        expect((yield* app.request("GET", `${path}?${query}`, { token })).status).toBe(400)
      }
    }),
  )

  it.live("publishes and unpublishes a config idempotently under concurrent requests", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const id = yield* create(owner)
      const { token } = owner
      const readAsOther = app.request("GET", `${path}/${id}`, { token: other.token })
      expect((yield* readAsOther).status).toBe(404)
      const published = yield* atOnce(5, app.request("POST", `${path}/${id}/publish`, { token }))
      expect(published.map(({ status, json }) => [status, json])).toEqual(
        published.map(() => [200, { message: "Config published", visibility: "public" }]),
      )
      expect((yield* readAsOther).json).toEqual({ config: { ...configOf(id, owner), visibility: "public" } })
      const unpublished = yield* atOnce(5, app.request("POST", `${path}/${id}/unpublish`, { token }))
      expect(unpublished.map(({ status, json }) => [status, json])).toEqual(
        unpublished.map(() => [200, { message: "Config unpublished", visibility: "private" }]),
      )
      expect((yield* readAsOther).status).toBe(404)
    }),
  )

  it.live("returns 404 for changes to other users' configs, public ones, and templates", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const admin = yield* app.newAdmin()
      const privateConfig = yield* create(owner)
      const publicConfig = yield* publish(owner)
      const adminTemplate = yield* template(admin)
      const operations = [
        ["PUT", "", { name: "Mine" }],
        ["DELETE", "", undefined],
        ["POST", "/publish", undefined],
        ["POST", "/unpublish", undefined],
      ] as const
      for (const [id, reader, caller] of [
        [privateConfig, owner, other],
        [publicConfig, owner, other],
        [adminTemplate, owner, other],
        [adminTemplate, admin, admin],
        [unknown, undefined, other],
        ["junk", undefined, other],
      ] as const) {
        for (const [method, rest, body] of operations) {
          const rejected = yield* app.request(method, `${path}/${id}${rest}`, { token: caller.token, body })
          expect([id, method, rest, rejected.status]).toEqual([id, method, rest, 404])
          expect(rejected.at("code")).toBe("CONFIG_NOT_FOUND")
        }
        if (reader === undefined) continue
        const unchanged = yield* app.request("GET", `${path}/${id}`, { token: reader.token })
        expect(unchanged.at("config.name")).toBe(input.name)
      }
      expect((yield* names(other, path)).total).toBe(0)
      expect((yield* names(admin, path)).total).toBe(0)
    }),
  )

  it.live("duplicates own and public configs under a new name", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const privateConfig = yield* create(owner, { name: "Hidden" })
      const publicConfig = yield* publish(owner, { name: `${"x".repeat(91)}🤖` })
      const duplicate = (id: string, token: string, body?: unknown) =>
        app.request("POST", `${path}/${id}/duplicate`, { token, body })
      const named = yield* duplicate(publicConfig, other.token, { name: "Copy of Config Name" })
      expect([named.status, named.json]).toEqual([
        201,
        { config: { ...configOf(named.at("config.id"), other), name: "Copy of Config Name" } },
      ])
      expect((yield* duplicate(privateConfig, owner.token, {})).at("config.name")).toBe("Copy of Hidden")
      const unnamed = yield* duplicate(publicConfig, other.token)
      expect(unnamed.at("config.name")).toBe(`Copy of ${"x".repeat(91)}`)
      expect((yield* duplicate(privateConfig, other.token, {})).status).toBe(404)
      expect((yield* duplicate(publicConfig, other.token, { name: "" })).status).toBe(400)
      expect((yield* duplicate(publicConfig, other.token, { name: null })).status).toBe(400)
      expect((yield* names(other, path)).total).toBe(2)
      const original = yield* app.request("GET", `${path}/${publicConfig}`, { token: owner.token })
      expect(Object(original.json).config.stats).toEqual({ uses_count: 0, saves_count: 0 })
    }),
  )
})
