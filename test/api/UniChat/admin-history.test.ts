import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { newConfig, send } from "./chatFixtures"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("User history", (it) => {
  it.live("lists a user's conversations to administrators, latest first, and audits each read", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token: admin, id: adminId } = yield* app.newAdmin()
      const user = yield* app.newUser()
      const { token, id, email } = user
      const config_id = yield* newConfig(user)
      const titles = ["Pinned", "Archived", "Both", "Neither", "Empty"]
      const created = yield* Effect.forEach(titles, (title) =>
        Effect.map(
          app.request("POST", "/api/conversations", { token, body: { title, config_id } }),
          (answer) => answer.at("conversation.id"),
        ),
      )
      for (const [index, archived] of [[0], [1, true], [2, true]] as const) {
        const path = `/api/conversations/${created[index]}`
        if (index !== 1) yield* app.request("PUT", path, { token, body: { is_pinned: true } })
        if (archived === true) yield* app.request("POST", `${path}/archive`, { token })
      }
      // Sends messages in another order than the conversations were created in.
      for (const index of [3, 1, 0, 2]) {
        yield* send(user, { conversation_id: created[index], config_id, message: `About ${index}` })
      }
      yield* app.newUser().pipe(Effect.flatMap((other) => app.newChat(other)))

      const own = yield* Effect.forEach([2, 0, 1, 3, 4], (index) =>
        Effect.map(app.request("GET", `/api/conversations/${created[index]}`, { token }), ({ json }) =>
          Object(json),
        ),
      )
      const path = `/api/admin/users/${id}/history`
      const userFields = { id, email, display_name: "John Doe" }
      const read = yield* app.request("GET", path, { token: admin })
      expect([read.status, read.json]).toEqual([
        200,
        {
          conversations: own.map(({ conversation }) => conversation),
          user: userFields,
          total: 5,
          page: 1,
          limit: 20,
          has_more: false,
        },
      ])
      const second = yield* app.request("GET", `${path}?page=2&limit=2&include_messages=true`, {
        token: admin,
      })
      expect(second.json).toEqual({
        conversations: own.slice(2, 4).map(({ conversation, messages }) => ({ ...conversation, messages })),
        user: userFields,
        total: 5,
        page: 2,
        limit: 2,
        has_more: true,
      })
      expect(Object(second.json).conversations[1].messages).toMatchObject([
        { role: "user", content: "About 3" },
        { role: "assistant", metadata: { model_id: "openai/scripted" } },
      ])
      const { json: past } = yield* app.request("GET", `${path}?skip=9`, { token: admin })
      expect(past).toEqual({
        conversations: [],
        user: userFields,
        total: 5,
        page: 1,
        limit: 20,
        has_more: false,
      })

      expect((yield* app.request("GET", path, { token })).status).toBe(403)
      const logs = yield* app.request("GET", "/api/admin/audit-logs?action=view_history", { token: admin })
      const reads = Object(logs.json).logs.filter((one: { target_id: string }) => one.target_id === id)
      expect(reads).toMatchObject(
        [
          { skip: 9, limit: 20, include_messages: false },
          { skip: 2, limit: 2, include_messages: true },
          { skip: 0, limit: 20, include_messages: false },
        ].map((details) => ({ admin_id: adminId, action: "view_history", target_id: id, details })),
      )
    }),
  )

  it.live("returns 404 for an unknown user and an empty list for a user without conversations", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const { id } = yield* app.newUser()
      const empty = yield* app.request("GET", `/api/admin/users/${id}/history?include_messages=true`, {
        token,
      })
      expect(empty.json).toMatchObject({ conversations: [], total: 0, has_more: false })
      const missing = yield* app.request("GET", "/api/admin/users/missing/history", { token })
      expect([missing.status, missing.at("code")]).toEqual([404, "USER_NOT_FOUND"])
    }),
  )
})
