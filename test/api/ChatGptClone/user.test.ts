import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

layer(Server.layer())("User", (it) => {
  it.live("reads and updates the profile, and removes the avatar", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id, email } = yield* app.newUser({ name: "Jane Doe" })
      const get = app.request("GET", "/api/user/profile", { token })
      const put = (body: unknown) => app.request("PUT", "/api/user/profile", { token, body })
      const user = { id, email, name: "Jane Doe", avatar: null, role: "user", createdAt: time }
      const profile = yield* get
      expect([profile.status, profile.json]).toEqual([200, { user }])
      const avatar = "https://example.com/jane.png"
      const changed = yield* put({ avatar })
      expect([changed.status, changed.json]).toEqual([200, { user: { ...user, avatar } }])
      expect((yield* put({ name: "J" })).json).toEqual({ user: { ...user, name: "J", avatar } })
      expect((yield* put({})).json).toEqual({ user: { ...user, name: "J", avatar } })
      expect((yield* put({ avatar: null })).json).toEqual({ user: { ...user, name: "J" } })
      for (const [body, field] of [
        [{ name: "" }, "name"],
        [{ avatar: "javascript:alert(1)" }, "avatar"],
      ] as const) {
        const rejected = yield* put(body)
        expect([rejected.status, rejected.json]).toMatchObject([400, { fields: [{ field }] }])
      }
      expect((yield* get).json).toEqual({ user: { ...user, name: "J" } })
    }),
  )

  it.live("reads and updates the settings, which UniChat shares", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const get = app.request("GET", "/api/user/settings", { token })
      const put = (body: unknown) => app.request("PUT", "/api/user/settings", { token, body })
      const settings = { theme: "dark", notifications: true, language: "en" }
      const read = yield* get
      expect([read.status, read.json]).toEqual([200, { settings }])
      const changed = yield* put({ theme: "light", notifications: false })
      const changedSettings = { ...settings, theme: "light", notifications: false }
      expect([changed.status, changed.json]).toEqual([200, { settings: changedSettings }])
      expect((yield* put({ language: "pt-BR" })).json).toEqual({
        settings: { ...changedSettings, language: "pt-BR" },
      })
      expect((yield* app.request("GET", "/api/auth/me", { token })).json).toMatchObject({
        settings: { theme: "light", notifications_enabled: false, language: "pt-BR" },
      })
      for (const body of [{ theme: "pink" }, { notifications: "yes" }, { language: "not a tag" }])
        expect((yield* put(body)).status).toBe(400)
      expect((yield* put({})).json).toEqual((yield* get).json)
    }),
  )
})
