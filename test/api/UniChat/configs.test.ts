import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { atOnce, configOf, create, input, names, publish, template } from "./configFixtures"

const path = "/api/configs"
const unknown = "01890000-0000-7000-8000-000000000000"

layer(Server.layer())("Configs", (it) => {
  it.live("are made, got, listed, changed and deleted, as the document shows", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const { token } = person
      const made = yield* app.request("POST", path, { token, body: input })
      const id = made.at("config.id")
      const config = configOf(id, person)
      expect([made.status, made.json]).toEqual([201, { config }])
      const got = yield* app.request("GET", `${path}/${id}`, { token })
      expect([got.status, got.json]).toEqual([200, { config }])
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
      expect(changed.at("config.updated_at") >= got.at("config.updated_at")).toBe(true)
      const nothing = yield* app.request("PUT", `${path}/${id}`, { token, body: {} })
      expect(nothing.json).toEqual({ config: after })
      const moved = yield* app.request("PUT", `${path}/${id}`, { token, body: { model_id: "openai/gpt-4" } })
      expect(moved.json).toEqual({
        config: { ...after, model_id: "openai/gpt-4", model_name: "openai/gpt-4" },
      })

      const gone = yield* app.request("DELETE", `${path}/${id}`, { token })
      expect([gone.status, gone.json]).toEqual([200, { message: "Config deleted" }])
      const asked = yield* Effect.all([
        app.request("GET", `${path}/${id}`, { token }),
        app.request("DELETE", `${path}/${id}`, { token }),
        app.request("PUT", `${path}/${id}`, { token, body: change }),
        app.request("POST", `${path}/${id}/publish`, { token }),
        app.request("POST", `${path}/${id}/duplicate`, { token }),
      ])
      expect(asked.map(({ status, json }) => [status, Object(json).code])).toEqual(
        asked.map(() => [404, "CONFIG_NOT_FOUND"]),
      )
    }),
  )

  it.live("need a name, a model and a prompt; the rest has defaults, parameter by parameter", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const { token } = person
      const { name, model_id, system_prompt } = input
      const least = { name: `  ${name} `, model_id, system_prompt }
      const made = yield* app.request("POST", `${path}/`, { token, body: least })
      expect([made.status, made.json]).toEqual([
        201,
        {
          config: {
            ...configOf(made.at("config.id"), person),
            model_name: model_id,
            description: "",
            avatar: "🤖",
            tags: [],
          },
        },
      ])
      const some = yield* app.request("POST", path, {
        token,
        body: { ...least, parameters: { max_tokens: 1, top_p: 0.25 } },
      })
      expect(Object(some.json).config.parameters).toEqual({
        ...input.parameters,
        max_tokens: 1,
        top_p: 0.25,
      })
      const wrong = yield* app.request("POST", path, {
        token,
        body: {
          name: "x".repeat(101),
          model_id: "",
          avatar: null,
          parameters: { temperature: 2.1, max_tokens: 0.5, top_p: "1", presence_penalty: -3 },
          tags: ["a", ""],
        },
      })
      expect([wrong.status, wrong.at("code")]).toEqual([400, "VALIDATION_ERROR"])
      const fields = Object(wrong.json).details.map(({ field }: { field: string }) => field)
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
        const id = made.at("config.id")
        expect((yield* app.request("PUT", `${path}/${id}`, { token, body })).status).toBe(400)
      }
      expect((yield* names(person, path)).total).toBe(2)
    }),
  )

  it.live("are listed by page, or skip, the last changed first", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const ids = yield* Effect.forEach(["a", "b", "c", "d", "e"], (name) => create(person, { name }))
      const { token } = person
      // More than a clock's tick later.
      yield* Effect.sleep("5 millis")
      yield* app.request("PUT", `${path}/${ids[1]}`, { token, body: { description: "changed" } })
      const all = { total: 5, page: 1, limit: 50, has_more: false }
      expect(yield* names(person, path)).toEqual({ names: ["b", "e", "d", "c", "a"], ...all })
      expect(yield* names(person, `${path}?page=2&limit=2`)).toEqual({
        names: ["d", "c"],
        ...all,
        page: 2,
        limit: 2,
        has_more: true,
      })
      expect(yield* names(person, `${path}?skip=3&limit=2`)).toMatchObject({
        names: ["c", "a"],
        page: 2,
        has_more: false,
      })
      expect(yield* names(person, `${path}?page=9`)).toEqual({ names: [], ...all, page: 9 })
      for (const query of ["page=0", "limit=0", "limit=x", "skip=-1"]) {
        expect((yield* app.request("GET", `${path}?${query}`, { token })).status).toBe(400)
      }
    }),
  )

  it.live("are shown to everyone and to nobody again, however often that is asked for at once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const id = yield* create(owner)
      const { token } = owner
      const see = app.request("GET", `${path}/${id}`, { token: other.token })
      expect((yield* see).status).toBe(404)
      const shown = yield* atOnce(5, app.request("POST", `${path}/${id}/publish`, { token }))
      expect(shown.map(({ status, json }) => [status, json])).toEqual(
        shown.map(() => [200, { message: "Config published", visibility: "public" }]),
      )
      expect((yield* see).json).toEqual({ config: { ...configOf(id, owner), visibility: "public" } })
      const hidden = yield* atOnce(5, app.request("POST", `${path}/${id}/unpublish`, { token }))
      expect(hidden.map(({ status, json }) => [status, json])).toEqual(
        hidden.map(() => [200, { message: "Config unpublished", visibility: "private" }]),
      )
      expect((yield* see).status).toBe(404)
    }),
  )

  it.live("of others are not there to be changed, public ones neither, nor are templates", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const admin = yield* app.newAdmin()
      const hidden = yield* create(owner)
      const shown = yield* publish(owner)
      const made = yield* template(admin)
      const tries = [
        ["PUT", "", { name: "Mine" }],
        ["DELETE", "", undefined],
        ["POST", "/publish", undefined],
        ["POST", "/unpublish", undefined],
      ] as const
      for (const [id, whose, who] of [
        [hidden, owner, other],
        [shown, owner, other],
        [made, owner, other],
        [made, admin, admin],
        [unknown, undefined, other],
        ["junk", undefined, other],
      ] as const) {
        for (const [method, rest, body] of tries) {
          const refused = yield* app.request(method, `${path}/${id}${rest}`, { token: who.token, body })
          expect([id, method, rest, refused.status]).toEqual([id, method, rest, 404])
          expect(refused.at("code")).toBe("CONFIG_NOT_FOUND")
        }
        if (whose === undefined) continue
        const still = yield* app.request("GET", `${path}/${id}`, { token: whose.token })
        expect(still.at("config.name")).toBe(input.name)
      }
      expect((yield* names(other, path)).total).toBe(0)
      expect((yield* names(admin, path)).total).toBe(0)
    }),
  )

  it.live("are duplicated, others' too where they are shown, under a name of the copy's own", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = yield* Effect.all([app.newUser(), app.newUser()])
      const hidden = yield* create(owner, { name: "Hidden" })
      const shown = yield* publish(owner, { name: `${"x".repeat(91)}🤖` })
      const duplicate = (id: string, token: string, body?: unknown) =>
        app.request("POST", `${path}/${id}/duplicate`, { token, body })
      const named = yield* duplicate(shown, other.token, { name: "Copy of Config Name" })
      expect([named.status, named.json]).toEqual([
        201,
        { config: { ...configOf(named.at("config.id"), other), name: "Copy of Config Name" } },
      ])
      expect((yield* duplicate(hidden, owner.token, {})).at("config.name")).toBe("Copy of Hidden")
      const unnamed = yield* duplicate(shown, other.token)
      expect(unnamed.at("config.name")).toBe(`Copy of ${"x".repeat(91)}`)
      expect((yield* duplicate(hidden, other.token, {})).status).toBe(404)
      expect((yield* duplicate(shown, other.token, { name: "" })).status).toBe(400)
      expect((yield* duplicate(shown, other.token, { name: null })).status).toBe(400)
      expect((yield* names(other, path)).total).toBe(2)
      const original = yield* app.request("GET", `${path}/${shown}`, { token: owner.token })
      expect(Object(original.json).config.stats).toEqual({ uses_count: 0, saves_count: 0 })
    }),
  )
})
