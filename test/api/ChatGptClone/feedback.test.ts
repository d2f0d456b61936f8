import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

layer(Server.layer())("Feedback", (it) => {
  it.live("stores feedback of users and lists it for administrators, newest first", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token: admin } = yield* app.newAdmin()
      for (const content of ["first", "second", "third"]) {
        const body = { type: "idea", content }
        const submitted = yield* app.request("POST", "/api/feedback", { token: user.token, body })
        expect([submitted.status, submitted.json]).toEqual([201, { success: true }])
      }
      const first = yield* app.request("GET", "/api/admin/feedback?limit=2", { token: admin })
      expect([first.status, first.json]).toMatchObject([
        200,
        {
          feedback: [
            { content: "third", type: "idea", userId: user.id, email: user.email },
            { content: "second" },
          ],
          total: 3,
          limit: 2,
          offset: 0,
          hasMore: true,
        },
      ])
      const rest = yield* app.request("GET", "/api/admin/feedback?limit=2&offset=2", { token: admin })
      expect(rest.json).toMatchObject({ feedback: [{ content: "first" }], total: 3, hasMore: false })
    }),
  )

  it.live("rejects a range outside of its bounds", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      for (const query of ["limit=0", "limit=101", "limit=x", "offset=-1"]) {
        const { status } = yield* app.request("GET", `/api/admin/feedback?${query}`, { token })
        expect([query, status]).toEqual([query, 400])
      }
    }),
  )
})
