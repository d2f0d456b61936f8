import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { atOnce, configOf, input, names, template } from "./configFixtures"

const path = "/api/admin/templates"
const unknown = "01890000-0000-7000-8000-000000000000"

/** Returns the audit log entries of a target as action, administrator and details, oldest first. */
const auditLog = (token: string, id: string) =>
  Effect.gen(function* () {
    const { json } = yield* (yield* App).request("GET", "/api/admin/audit-logs?limit=1000", { token })
    const logs: ReadonlyArray<{ action: string; target_id: string; admin_id: string; details: unknown }> =
      Object(json).logs
    return logs
      .filter(({ target_id }) => target_id === id)
      .map(({ action, admin_id, details }) => [action, admin_id, details])
      .toReversed()
  })

layer(Server.layer())("Config templates", (it) => {
  it.live(
    "creates, lists, updates and deletes templates as the contract documents, and audits each change",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [admin, second] = yield* Effect.all([app.newAdmin(), app.newAdmin()])
        const { token } = admin
        const created = yield* app.request("POST", path, { token, body: input })
        const id = created.at("template.id")
        const first = { ...configOf(id, admin), visibility: "template" }
        expect([created.status, created.json]).toEqual([201, { template: first }])
        const listed = yield* app.request("GET", path, { token: second.token })
        expect([listed.status, listed.json]).toEqual([
          200,
          {
            templates: [first],
            total: 1,
            page: 1,
            limit: 1000,
            has_more: false,
          },
        ])

        const change = { name: "Updated Name", description: "Updated description" }
        const changed = yield* app.request("PUT", `${path}/${id}`, { token: second.token, body: change })
        expect([changed.status, changed.json]).toEqual([200, { template: { ...first, ...change } }])
        const parameterChange = { parameters: { temperature: 0.1 } }
        const partial = yield* app.request("PUT", `${path}/${id}`, { token, body: parameterChange })
        expect(Object(partial.json).template.parameters).toEqual({ ...input.parameters, temperature: 0.1 })

        const deleted = yield* app.request("DELETE", `${path}/${id}`, { token: second.token })
        expect([deleted.status, deleted.json]).toEqual([200, { message: "Template deleted" }])
        const missing = [
          yield* app.request("PUT", `${path}/${id}`, { token, body: change }),
          yield* app.request("DELETE", `${path}/${id}`, { token }),
          yield* app.request("DELETE", `${path}/junk`, { token }),
          yield* app.request("PUT", `${path}/${unknown}`, { token, body: change }),
        ]
        expect(missing.map(({ status, json }) => [status, Object(json).code])).toEqual(
          missing.map(() => [404, "CONFIG_NOT_FOUND"]),
        )
        expect(yield* auditLog(token, id)).toEqual([
          ["create_template", admin.id, { name: "My Assistant" }],
          ["update_template", second.id, { name: "Updated Name" }],
          ["update_template", admin.id, { name: "Updated Name" }],
          ["delete_template", second.id, { name: "Updated Name" }],
        ])
        expect(yield* auditLog(token, unknown)).toEqual([])
      }),
  )

  it.live("rejects users who are not administrators, without changing anything", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [admin, user] = yield* Effect.all([app.newAdmin(), app.newUser()])
      const id = yield* template(admin, { name: "Guarded" })
      const body = { ...input, name: "Mine" }
      for (const [method, at] of [
        ["GET", path],
        ["POST", path],
        ["PUT", `${path}/${id}`],
        ["DELETE", `${path}/${id}`],
        ["DELETE", `${path}/${unknown}`],
      ] as const) {
        const options = { token: user.token, ...(method === "POST" || method === "PUT" ? { body } : {}) }
        const rejected = yield* app.request(method, at, options)
        expect([method, at, rejected.status, rejected.at("code")]).toEqual([
          method,
          at,
          403,
          "ADMIN_REQUIRED",
        ])
      }
      expect((yield* names(user, "/api/gallery/templates", "templates")).names).toContain("Guarded")
      expect((yield* auditLog(admin.token, id)).length).toBe(1)
    }),
  )

  it.live("rejects invalid fields without creating or auditing anything", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const count = Effect.map(
        app.request("GET", "/api/admin/audit-logs?action=create_template", { token }),
        ({ json }) => Object(json).total,
      )
      const before = yield* count
      const invalid = yield* app.request("POST", path, {
        token,
        body: { name: "", parameters: { top_p: 2 } },
      })
      expect(invalid.status).toBe(400)
      const fields = Object(invalid.json).fields.map(({ field }: { field: string }) => field)
      expect(fields.toSorted()).toEqual(["model_id", "name", "parameters.top_p", "system_prompt"])
      expect(yield* count).toBe(before)
    }),
  )

  it.live("audits each of many concurrent creations, updates and deletions once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admin = yield* app.newAdmin()
      const { token } = admin
      const created = yield* atOnce(8, template(admin, { name: "Many" }))
      expect(new Set(created).size).toBe(8)
      const [id = ""] = created
      const changes = yield* Effect.forEach(
        ["n1", "n2", "n3", "n4"],
        (name) => app.request("PUT", `${path}/${id}`, { token, body: { name } }),
        { concurrency: "unbounded" },
      )
      expect(changes.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      const entries = yield* auditLog(token, id)
      expect(entries.map(([action]) => action)).toEqual([
        "create_template",
        ...changes.map(() => "update_template"),
      ])
      const last = yield* app.request("GET", `/api/gallery/${id}`, { token })
      expect(entries.at(-1)?.[2]).toEqual({ name: last.at("config.name") })
      const deleted = yield* atOnce(5, app.request("DELETE", `${path}/${id}`, { token }))
      expect(deleted.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404])
      expect((yield* auditLog(token, id)).length).toBe(6)
    }),
  )
})
