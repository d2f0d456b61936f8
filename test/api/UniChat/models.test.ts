import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { modelEntries } from "../../support/ScriptedProvider/ModelList"

const path = "/api/models"
const sonnet = {
  id: "openai/anthropic/claude-3-sonnet",
  name: "Claude 3 Sonnet",
  description: "Balance of intelligence and speed",
  context_length: 200_000,
  pricing: { prompt: "0.000003", completion: "0.000015" },
  pricing_known: true,
  top_provider: { max_completion_tokens: 4096 },
  architecture: { modality: "text", tokenizer: "Claude", instruct_type: "claude" },
  per_request_limits: { prompt_tokens: 100_000, completion_tokens: 4096 },
}
const gpt4 = {
  id: "openai/gpt-4",
  name: "GPT-4",
  description: "",
  context_length: 8192,
  pricing: { prompt: "0", completion: "0" },
  pricing_known: false,
  top_provider: { max_completion_tokens: null },
  architecture: { modality: "text", tokenizer: "Other", instruct_type: null },
  per_request_limits: null,
}
const listOf = (data: ReadonlyArray<unknown>) => () => Response.json({ object: "list", data })

/** Runs an effect while the provider returns another model list, and restores the default list afterwards. */
const whileListing = <A, E, R>(listing: () => Response, use: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const app = yield* App
    const provider = yield* Provider
    const { token } = yield* app.newUser()
    yield* provider.setListResponse(listing)
    const restore = Effect.zipRight(
      provider.setListResponse(listOf(modelEntries)),
      app.request("POST", `${path}/refresh`, { token }),
    )
    return yield* Effect.ensuring(use, restore)
  })

layer(Server.layer())("Models", (it) => {
  it.live("lists models with the provider's metadata, and with defaults for what is missing", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const listed = yield* app.request("GET", path, { token })
      const { models, count } = Object(listed.json)
      expect([listed.status, Object.keys(Object(listed.json))]).toEqual([200, ["models", "count"]])
      expect(count).toBe(models.length)
      expect(models.map(({ id }: { id: string }) => id).toSorted()).toEqual([
        "openai/anthropic/claude-3-sonnet",
        "openai/anthropic/claude-3-sonnet:free",
        "openai/bytedance-seed/seedream-4.5",
        "openai/openai/gpt-4",
        "openai/openrouter/auto",
        "openai/scripted",
      ])
      expect(models).toContainEqual(sonnet)
      const scripted = models.find(({ id }: { id: string }) => id === "openai/scripted")
      expect(scripted.pricing).toEqual({
        prompt: "0.000003",
        completion: "0.000015",
        request: "0",
        image: "0.0048",
      })
    }),
  )

  it.live("finds models by ids with slashes in any encoding", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      for (const encodedId of [
        "openai/anthropic/claude-3-sonnet",
        "openai%2Fanthropic%2Fclaude-3-sonnet",
        "openai%2fanthropic/claude-3-sonnet",
        "openai/anthropic/claude-3-sonnet/",
        "openai/%61nthropic/claude-3-sonnet?verbose=true",
      ]) {
        const { status, json } = yield* app.request("GET", `${path}/${encodedId}`, { token })
        expect([encodedId, status, json]).toEqual([encodedId, 200, { model: sonnet }])
      }
      const free = yield* app.request("GET", `${path}/openai/anthropic/claude-3-sonnet:free`, { token })
      expect([free.status, free.at("model.id")]).toEqual([200, "openai/anthropic/claude-3-sonnet:free"])
      const encoded = yield* app.request("GET", `${path}/openai%2Fanthropic%2Fclaude-3-sonnet%3Afree`, {
        token,
      })
      expect(encoded.json).toEqual(free.json)
    }),
  )

  it.live("returns 404 for unknown and malformed ids", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      for (const id of ["openai/none", "none", "openai%252Fgpt-4", "refresh/now", "categories/x"]) {
        const answer = yield* app.request("GET", `${path}/${id}`, { token })
        const code = Object(answer.json).code
        expect([id, answer.status, code]).toEqual([id, 404, "MODEL_NOT_FOUND"])
      }
      for (const id of ["openai/%zz", `openai/${"x".repeat(200)}`, "%00", "openai/gpt-4;x"]) {
        expect([id, (yield* app.request("GET", `${path}/${id}`, { token })).status]).toEqual([id, 404])
      }
      expect((yield* app.request("GET", `${path}/refresh`, { token })).status).toBe(405)
      expect((yield* app.request("DELETE", `${path}/openai/gpt-4`, { token })).status).toBe(405)
      expect((yield* app.request("GET", `${path}/openai/gpt-4`)).status).toBe(401)
    }),
  )

  it.live("lists models by vendor", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const listing = listOf([
        { id: "gpt-4", name: "GPT-4", context_length: 8192 },
        { id: "gpt-5", name: "GPT-5", context_length: null },
      ])
      yield* whileListing(
        listing,
        Effect.gen(function* () {
          yield* app.request("POST", `${path}/refresh`, { token })
          const { status, json } = yield* app.request("GET", `${path}/categories`, { token })
          const openai = [
            // The default model is listed even if the provider does not list it.
            { id: "openai/scripted", name: "scripted", context_length: null },
            { id: "openai/gpt-4", name: "GPT-4", context_length: 8192 },
            { id: "openai/gpt-5", name: "GPT-5", context_length: null },
          ]
          expect([status, json]).toEqual([200, { categories: { openai } }])
          const response = yield* app.request("GET", `${path}/openai/gpt-4`, { token })
          expect(response.json).toEqual({ model: gpt4 })
        }),
      )
    }),
  )

  it.live("refreshes the model list, also under concurrent requests", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const refresh = app.request("POST", `${path}/refresh`, { token })
      const added = [...modelEntries, { id: "new", name: "New" }]
      yield* whileListing(
        listOf(added),
        Effect.gen(function* () {
          const responses = yield* Effect.all(
            Array.from({ length: 12 }, () => refresh),
            { concurrency: "unbounded" },
          )
          const expected = [200, { message: "Models cache refreshed", count: added.length }]
          expect(responses.map(({ status, json }) => [status, json])).toEqual(responses.map(() => expected))
          expect((yield* app.request("GET", `${path}/openai/new`, { token })).at("model.name")).toBe("New")
        }),
      )
    }),
  )

  it.live("keeps the previous list and reports MODELS_UNAVAILABLE when the provider fails", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const before = (yield* app.request("GET", path, { token })).json
      yield* whileListing(
        () => Response.json({ error: { message: "out of order" } }, { status: 500 }),
        Effect.gen(function* () {
          const rejected = yield* app.request("POST", `${path}/refresh`, { token })
          expect([rejected.status, rejected.at("code")]).toEqual([502, "MODELS_UNAVAILABLE"])
          expect((yield* app.request("GET", path, { token })).json).toEqual(before)
        }),
      )
    }),
  )
})
