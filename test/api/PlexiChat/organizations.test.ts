import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/v1/organizations"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer())("PlexiChat organizations", (it) => {
  it.live("wraps every body in the envelope and deletes without a body", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const body = { name: "Analytical Engines", logo_url: null }
      const headers = { "x-request-id": "req_123456789" }
      const created = yield* app.request("POST", path, { token, body, headers })
      const organization = {
        ...body,
        id: created.at("data.id"),
        slug: expect.stringMatching(/^analytical-engines/),
        role: "owner",
        created_at: time,
        updated_at: time,
      }
      const meta = { timestamp: time, request_id: "req_123456789" }
      expect([created.status, created.json]).toEqual([201, { success: true, data: organization, meta }])

      const listed = yield* app.request("GET", `${path}?per_page=1`, { token, headers })
      const pagination = { page: 1, per_page: 1, total: 1, total_pages: 1, has_next: false, has_prev: false }
      expect(listed.json).toEqual({ success: true, data: [organization], pagination, meta })
      const beyond = yield* app.request("GET", `${path}?page=3`, { token })
      expect(beyond.json).toMatchObject({ data: [], pagination: { page: 3, total: 1, has_prev: true } })

      const url = `${path}/${created.at("data.id")}`
      const updated = yield* app.request("PUT", url, { token, body: { name: "Difference Engines" } })
      expect(updated.json).toMatchObject({ data: { ...organization, name: "Difference Engines" } })
      const deleted = yield* app.request("DELETE", url, { token })
      expect([deleted.status, deleted.text]).toEqual([204, ""])
      const missing = yield* app.request("GET", url, { token, headers })
      expect([missing.status, missing.json]).toEqual([
        404,
        {
          success: false,
          error: { code: "ORGANIZATION_NOT_FOUND", message: "There is no such organization." },
          meta,
        },
      ])
    }),
  )

  it.live("adds members by id or email, rejects a second time, and keeps the last owner", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const { token } = owner
      const first = yield* app.newUser()
      const second = yield* app.newUser()
      const created = yield* app.request("POST", path, { token, body: { name: "Members" } })
      const members = `${path}/${created.at("data.id")}/members`
      const add = (body: unknown) => app.request("POST", members, { token, body })
      expect((yield* add({ user_id: first.id })).status).toBe(201)
      expect((yield* add({ email: second.email, role: "admin" })).status).toBe(201)
      const again = yield* add({ email: first.email })
      expect([again.status, again.at("error.code")]).toEqual([409, "ALREADY_MEMBER"])
      const neither = yield* add({ role: "member" })
      expect([neither.status, neither.json]).toMatchObject([
        400,
        {
          error: { code: "VALIDATION_ERROR", details: { field: "user_id", fields: [{ field: "user_id" }] } },
        },
      ])
      const remove = (id: string) => app.request("DELETE", `${members}/${id}`, { token })
      expect((yield* remove(first.id)).status).toBe(204)
      const last = yield* remove(owner.id)
      expect([last.status, last.at("error.code")]).toEqual([422, "LAST_OWNER"])
      const listed = yield* app.request("GET", members, { token })
      expect(listed.json).toMatchObject({
        data: [{ user_id: owner.id }, { user_id: second.id }],
        pagination: { total: 2 },
      })
    }),
  )
})
