import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer())("User list (admin)", (it) => {
  it.live("finds users by literal email address or name, case-insensitively, newest first", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newAdmin()
      const names = ["Żaneta 100%", "żaneta 1000", "Straße_1", "Strasse 21"]
      const users = yield* Effect.forEach(names, (name) => app.newUser({ name }))
      const list = (query: Record<string, string>) =>
        app.request("GET", `/api/admin/users?${new URLSearchParams(query)}`, { token })
      const search = (query: Record<string, string>) =>
        Effect.map(list(query), ({ json }) =>
          Object(json).users.map(
            ({ profile }: { profile: { display_name: string } }) => profile.display_name,
          ),
        )
      expect(yield* search({ search: "ŻANETA" })).toEqual(["żaneta 1000", "Żaneta 100%"])
      expect(yield* search({ search: "100%" })).toEqual(["Żaneta 100%"])
      expect(yield* search({ search: "e_1" })).toEqual(["Straße_1"])
      expect(yield* search({ search: "strasse" })).toEqual(["Strasse 21", "Straße_1"])
      expect(yield* search({ search: "\\" })).toEqual([])
      expect(yield* search({ search: users[3]?.email.toUpperCase() ?? "" })).toEqual(["Strasse 21"])

      yield* app.request("PUT", `/api/admin/users/${users[0]?.id}/ban`, { token, body: { reason: "Spam" } })
      expect(yield* search({ search: "żaneta", include_banned: "false" })).toEqual(["żaneta 1000"])
      expect(yield* search({ search: "żaneta", include_banned: "true" })).toEqual([
        "żaneta 1000",
        "Żaneta 100%",
      ])

      const page = yield* list({ search: "żaneta", limit: "1", page: "2" })
      expect([page.status, page.json]).toEqual([
        200,
        {
          users: [
            {
              id: users[0]?.id ?? "",
              email: users[0]?.email ?? "",
              role: "user",
              profile: { display_name: "Żaneta 100%", avatar_url: null, bio: "" },
              usage: { messages_sent: 0, tokens_used: 0, tokens_limit: 100_000 },
              status: { is_banned: true, ban_reason: "Spam", banned_at: time },
              created_at: time,
            },
          ],
          total: 2,
          page: 2,
          limit: 1,
          has_more: false,
        },
      ])
      const { json: past } = yield* list({ search: "żaneta", skip: "5" })
      expect(past).toEqual({ users: [], total: 2, page: 1, limit: 20, has_more: false })
      const { json: all } = yield* list({ limit: "1000" })
      const times: ReadonlyArray<string> = Object(all).users.map(
        ({ created_at }: { created_at: string }) => created_at,
      )
      expect(times).toEqual(times.toSorted().toReversed())
      expect(Object(all).total).toBe(times.length)
      expect((yield* list({ include_banned: "maybe" })).status).toBe(400)
    }),
  )
})
