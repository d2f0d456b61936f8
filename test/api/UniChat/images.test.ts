import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { status } from "../../support/ScriptedProvider/Script"
import { imageResponse, pixel } from "../../support/ScriptedProvider/Wire"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const input = { prompt: "A beautiful sunset", model: "openai/gpt-image-1", negative_prompt: "blurry" }
const data = `data:image/png;base64,${pixel}`

const generate = ({ token }: TestUser, body: Readonly<Record<string, unknown>> = input) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/image-gen/generate", { token, body }))

layer(Server.layer())("Images", (it) => {
  it.live("reserves what an image of the model costs, so that parallel calls stay within the limit", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, admin] = [yield* app.newUser(), yield* app.newAdmin()]
      expect((yield* generate(user)).status).toBe(200)
      const limited = yield* app.request("PUT", `/api/admin/users/${user.id}/limits`, {
        token: admin.token,
        body: { tokens_limit: 400 },
      })
      expect(limited.status).toBe(200)
      const responses = yield* Effect.all(
        Array.from({ length: 30 }, () => generate(user)),
        { concurrency: "unbounded" },
      )
      const statuses = new Set(responses.map(({ status }) => status))
      expect(statuses).toEqual(new Set([200, 429]))
      const sql = yield* SqlClient.SqlClient
      const [account] = yield* sql<{ used: number; reserved: number }>`
        select tokens_used::int as used, tokens_reserved::int as reserved from usage_accounts
        where user_id = ${user.id}`
      expect(account?.reserved).toBe(0)
      expect(account?.used).toBeLessThanOrEqual(400)
    }),
  )

  it.live("generates, stores, lists, favorites and deletes images as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const { token } = user
      const created = yield* generate(user, { ...input, input_images: [] })
      const { image } = Object(created.json)
      expect([created.status, created.json]).toEqual([
        200,
        {
          image: {
            id: image.id,
            user_id: user.id,
            prompt: "A beautiful sunset",
            model_id: "openai/gpt-image-1",
            negative_prompt: "blurry",
            is_favorite: false,
            image_url: image.image_url,
            settings: { input_images_count: 0, has_input_images: false },
            metadata: {
              generation_time_ms: expect.any(Number),
              usage: { prompt_tokens: 10, completion_tokens: 30 },
            },
            created_at: time,
          },
          image_data: data,
        },
      ])
      expect(provider.imageRequests.at(-1)).toMatchObject({
        model: "gpt-image-1",
        prompt: "A beautiful sunset\n\nAvoid: blurry",
      })
      const file = yield* app.requestStream("GET", image.image_url, { token })
      expect(file.headers.get("content-type")).toBe("image/png")
      expect(Buffer.from(yield* Effect.promise(() => file.arrayBuffer())).toString("base64")).toBe(pixel)
      const part = yield* app.request("GET", image.image_url, { token, headers: { range: "bytes=1-3" } })
      expect([part.status, part.text, part.headers.get("content-range")]).toEqual([
        206,
        "PNG",
        "bytes 1-3/70",
      ])
      const beyond = yield* app.request("GET", image.image_url, { token, headers: { range: "bytes=70-" } })
      expect(beyond.status).toBe(416)

      const second = yield* generate(user, {
        prompt: "Again",
        model: "openai/gpt-image-1",
        input_images: [data],
      })
      expect(second.json).toMatchObject({
        image: { settings: { input_images_count: 1, has_input_images: true } },
      })
      expect(provider.imageRequests.at(-1)).toMatchObject({ inputs: [{ type: "image/png", size: 70 }] })
      const toggles = yield* Effect.all(
        Array.from({ length: 5 }, () =>
          app.request("POST", `/api/image-gen/${image.id}/favorite`, { token }),
        ),
        { concurrency: "unbounded" },
      )
      expect(toggles.filter(({ json }) => Object(json).is_favorite).length).toBe(3)
      const favorites = yield* app.request("GET", "/api/image-gen/history?favorites=true", { token })
      expect(favorites.json).toMatchObject({ images: [{ id: image.id }], total: 1, page: 1, pages: 1 })
      const history = yield* app.request("GET", "/api/image-gen/history?limit=1&page=2", { token })
      expect(history.json).toMatchObject({ images: [{ id: image.id }], total: 2, page: 2, pages: 2 })

      const deleted = yield* app.request("DELETE", `/api/image-gen/${image.id}`, { token })
      expect([deleted.status, deleted.json]).toEqual([200, { message: "Image deleted" }])
      expect((yield* app.request("GET", image.image_url, { token })).status).toBe(404)
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select id from blobs_to_delete`).toEqual([])
    }),
  )

  it.live("rejects malformed input images and private URLs, and reports model failures", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const before = provider.imageRequests.length
      for (const [body, code] of [
        [{ model: input.model }, "VALIDATION_ERROR"],
        [{ prompt: "x" }, "VALIDATION_ERROR"],
        [{ ...input, input_images: ["nothing"] }, "INVALID_INPUT_IMAGE"],
        [{ ...input, input_images: ["data:text/plain;base64,aGk="] }, "INVALID_INPUT_IMAGE"],
        [{ ...input, input_images: [provider.url] }, "INVALID_INPUT_IMAGE"],
        [{ ...input, input_images: ["http://[::ffff:127.0.0.1]/x.png"] }, "INVALID_INPUT_IMAGE"],
        [{ ...input, input_images: ["http://2130706433/x.png"] }, "INVALID_INPUT_IMAGE"],
        [{ ...input, input_images: ["http://user:secret@example.com/x.png"] }, "INVALID_INPUT_IMAGE"],
        [{ ...input, input_images: Array.from({ length: 15 }, () => data) }, "VALIDATION_ERROR"],
      ] as const) {
        const rejected = yield* generate(user, body)
        expect([rejected.status, rejected.at("code")]).toEqual([400, code])
      }
      expect(provider.imageRequests.length).toBe(before)
      yield* provider.script(status(429, undefined, { "retry-after": "100" }))
      const failed = yield* generate(user)
      expect([failed.status, failed.at("code")]).toEqual([500, "MODEL_RATE_LIMITED"])
      expect(failed.headers.get("retry-after")).toBe("100")
      yield* provider.setImageResponse(() => ({ data: [{ b64_json: btoa("no image") }] }))
      const broken = yield* generate(user)
      expect([broken.status, broken.at("code")]).toEqual([500, "INVALID_PROVIDER_RESPONSE"])
      yield* provider.setImageResponse(() => imageResponse)
      const history = yield* app.request("GET", "/api/image-gen/history", { token: user.token })
      expect(history.json).toMatchObject({ images: [], total: 0, pages: 0 })
      const otherUser = yield* app.newUser()
      const { image } = Object((yield* generate(user)).json)
      expect((yield* app.request("GET", image.image_url, { token: otherUser.token })).status).toBe(404)
    }),
  )
})
