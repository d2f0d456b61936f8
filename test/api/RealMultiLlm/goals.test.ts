import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/goals"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer())("Goals", (it) => {
  it.live("creates, lists, updates and deletes goals as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id: userId } = yield* app.newUser()
      const body = { title: "Learn TypeScript", description: "Complete TypeScript course" }
      const created = yield* app.request("POST", path, { token, body })
      const goal = {
        ...body,
        id: created.at("id"),
        status: "pending",
        userId,
        createdAt: time,
        updatedAt: time,
      }
      expect([created.status, created.json]).toEqual([201, goal])

      const second = yield* app.request("POST", path, { token, body: { title: "Rest" } })
      expect(second.json).toMatchObject({ title: "Rest", description: null })
      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toEqual([200, [second.json, goal]])

      const change = { id: goal.id, status: "completed", description: null }
      const updated = yield* app.request("PUT", path, { token, body: change })
      expect([updated.status, updated.json]).toEqual([200, { ...goal, ...change }])
      const unchanged = yield* app.request("PUT", `${path}?id=${goal.id}`, { token, body: {} })
      expect(unchanged.json).toEqual({ ...goal, ...change })

      const deleted = yield* app.request("DELETE", `${path}?id=${goal.id}`, { token })
      expect([deleted.status, deleted.text]).toEqual([204, ""])
      const again = yield* app.request("DELETE", `${path}?id=${goal.id}`, { token })
      expect([again.status, again.at("code")]).toEqual([404, "GOAL_NOT_FOUND"])
    }),
  )

  it.live("rejects a missing id and an invalid status with details as text and as a list", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      for (const [method, body] of [
        ["PUT", { title: "Rest" }],
        ["DELETE", undefined],
      ] as const) {
        const rejected = yield* app.request(method, path, { token, body })
        expect([rejected.status, rejected.json]).toMatchObject([
          400,
          { details: "id: is required", fields: [{ field: "id", message: "is required" }] },
        ])
      }
      const { status, json } = yield* app.request("PUT", path, { token, body: { id: "x", status: "done" } })
      expect([status, json]).toMatchObject([400, { code: "VALIDATION_ERROR", fields: [{ field: "status" }] }])
      const unknown = yield* app.request("PUT", path, { token, body: { id: "x", status: "completed" } })
      expect(unknown.status).toBe(404)
    }),
  )

  it.live("hides goals from other users", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const other = yield* app.newUser()
      const created = yield* app.request("POST", path, { token, body: { title: "Mine" } })
      const listed = yield* app.request("GET", path, { token: other.token })
      expect(listed.json).toEqual([])
      const taken = yield* app.request("PUT", path, {
        token: other.token,
        body: { id: created.at("id"), title: "Yours" },
      })
      expect(taken.status).toBe(404)
    }),
  )
})
