import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/prompt-templates"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const copy = {
  name: "Marketing Copy",
  category: "marketing",
  template_text: "Create copy for {product} targeting {audience}, about {product} only",
  description: "Generate marketing copy",
}

const page = (templates: ReadonlyArray<unknown>) => ({
  templates,
  total: templates.length,
  page: 1,
  limit: 1000,
  has_more: false,
})

layer(Server.layer())("Prompt templates", (it) => {
  it.live("creates, lists, uses, updates and deletes templates as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token: admin } = yield* app.newAdmin()
      const { token } = yield* app.newUser()
      const created = yield* app.request("POST", `${path}/`, { token: admin, body: copy })
      const id = created.at("template.id")
      const template = {
        ...copy,
        id,
        variables: ["product", "audience"],
        usage_count: 0,
        is_active: true,
        created_at: time,
      }
      expect([created.status, created.json]).toEqual([201, { message: "Template created", template }])
      yield* app.request("POST", path, {
        token: admin,
        body: {
          name: "Review",
          category: "development",
          template_text: "Review {code}",
          variables: ["code"],
        },
      })

      const listed = yield* app.request("GET", `${path}/?category=marketing`, { token })
      expect([listed.status, listed.json]).toEqual([200, page([template])])
      const categories = yield* app.request("GET", `${path}/categories`, { token })
      expect(categories.json).toEqual({ categories: ["development", "marketing"] })

      const uses = yield* Effect.all(
        Array.from({ length: 12 }, () => app.request("POST", `${path}/${id}/use`, { token })),
        { concurrency: "unbounded" },
      )
      expect(uses.map(({ status, json }) => [status, json])).toEqual(
        uses.map(() => [200, { message: "Usage recorded" }]),
      )

      const changed = yield* app.request("PUT", `${path}/${id}`, {
        token: admin,
        body: { name: "Copy", template_text: "Only {this}" },
      })
      const after = {
        ...template,
        name: "Copy",
        template_text: "Only {this}",
        variables: ["this"],
        usage_count: 12,
      }
      expect(changed.json).toEqual({ message: "Template updated", template: after })
      yield* app.request("PUT", `${path}/${id}`, { token: admin, body: { is_active: false } })
      expect((yield* app.request("GET", `${path}?category=marketing`, { token })).json).toEqual(page([]))
      expect((yield* app.request("POST", `${path}/${id}/use`, { token })).status).toBe(404)

      const deleted = yield* app.request("DELETE", `${path}/${id}`, { token: admin })
      expect([deleted.status, deleted.json]).toEqual([200, { message: "Template deleted" }])
      expect((yield* app.request("PUT", `${path}/${id}`, { token: admin, body: {} })).status).toBe(404)

      const sql = yield* SqlClient.SqlClient
      const actions = yield* sql`select action from audit_log where target_id = ${id} order by id`
      expect(actions.map(({ action }) => action)).toEqual([
        "create_prompt_template",
        "update_prompt_template",
        "update_prompt_template",
        "delete_prompt_template",
      ])
    }),
  )

  it.live("rejects other users and invalid fields, and stores nothing", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token: admin } = yield* app.newAdmin()
      const { token } = yield* app.newUser()
      const rejected = yield* app.request("POST", path, { token, body: { ...copy, category: "none" } })
      expect([rejected.status, rejected.at("code")]).toEqual([403, "ADMIN_REQUIRED"])
      const invalid = yield* app.request("POST", path, {
        token: admin,
        body: { name: " ", category: "none", template_text: "", variables: ["a b"], description: null },
      })
      expect(invalid.status).toBe(400)
      const invalidFields = Object(invalid.json).fields
      expect(invalidFields.map(({ field }: { field: string }) => field)).toEqual([
        "name",
        "template_text",
        "variables.0",
        "description",
      ])
      expect((yield* app.request("GET", `${path}?category=none`, { token })).json).toEqual(page([]))
    }),
  )

  it.live("lists templates alphabetically, page by page, and across all categories by default", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token: admin } = yield* app.newAdmin()
      const { token } = yield* app.newUser()
      for (const name of ["Zebra", "apple", "Äpfel"])
        yield* app.request("POST", path, { token: admin, body: { ...copy, category: "Alphabet", name } })
      const names = (query: string) =>
        Effect.map(app.request("GET", `${path}?category=Alphabet&${query}`, { token }), ({ json }) => ({
          ...Object(json),
          templates: Object(json).templates.map(({ name }: { name: string }) => name),
        }))
      expect(yield* names("limit=2")).toEqual({
        ...page(["Äpfel", "apple"]),
        total: 3,
        limit: 2,
        has_more: true,
      })
      expect(yield* names("limit=2&page=2")).toMatchObject({ templates: ["Zebra"], page: 2, has_more: false })
      expect(yield* names("skip=9")).toMatchObject({ templates: [], total: 3, has_more: false })
      const all = yield* app.request("GET", `${path}?category=`, { token })
      expect(Object(all.json).total).toBeGreaterThanOrEqual(3)
    }),
  )
})
