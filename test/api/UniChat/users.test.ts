import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const newUserBody = ({ id, email }: TestUser) => ({
  id,
  email,
  role: "user",
  profile: { display_name: "John Doe", avatar_url: null, bio: "" },
  settings: { theme: "dark", notifications_enabled: true, language: "en" },
  usage: { messages_sent: 0, tokens_used: 0, tokens_limit: 100_000 },
  created_at: time,
})

layer(Server.layer())("Users", (it) => {
  it.live("reads and updates the caller's profile as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const before = yield* app.request("GET", "/api/users/profile", { token })
      expect([before.status, before.json]).toEqual([200, { user: newUserBody(user) }])

      const avatarUrl = "https://example.com/john.png?size=64"
      const change = { display_name: "  John Smith ", bio: "Full-stack developer", avatar_url: avatarUrl }
      const changed = yield* app.request("PUT", "/api/users/profile", { token, body: change })
      const profile = { ...change, display_name: "John Smith" }
      expect([changed.status, changed.json]).toEqual([200, { user: { ...newUserBody(user), profile } }])

      const withoutAvatar = yield* app.request("PUT", "/api/users/profile", {
        token,
        body: { avatar_url: null },
      })
      expect(withoutAvatar.json).toEqual({
        user: { ...newUserBody(user), profile: { ...profile, avatar_url: null } },
      })
      const same = yield* app.request("PUT", "/api/users/profile", { token, body: {} })
      expect(same.json).toEqual(withoutAvatar.json)
      expect((yield* app.request("GET", "/api/users/profile", { token })).json).toEqual(withoutAvatar.json)
    }),
  )

  it.live("updates single settings", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const all = { theme: "system", notifications_enabled: false, language: "pt-BR" }
      const changed = yield* app.request("PUT", "/api/users/settings", { token, body: all })
      expect([changed.status, changed.json]).toEqual([200, { settings: all }])
      const light = yield* app.request("PUT", "/api/users/settings", { token, body: { theme: "light" } })
      expect(light.json).toEqual({ settings: { ...all, theme: "light" } })
      for (const path of ["/api/users/profile", "/api/auth/me"]) {
        const { json } = yield* app.request("GET", path, { token })
        const { settings } = Object(json).user ?? json
        expect(settings).toEqual({ ...all, theme: "light" })
      }
    }),
  )

  it.live("keeps all fields of concurrent updates", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const put = (path: string, body: unknown) => app.request("PUT", `/api/users/${path}`, { token, body })
      yield* Effect.all(
        [
          put("profile", { display_name: "Jane" }),
          put("profile", { bio: "Writes" }),
          put("profile", { avatar_url: "http://example.com/jane.png" }),
          put("settings", { theme: "light" }),
          put("settings", { notifications_enabled: false }),
          put("settings", { language: "de" }),
        ],
        { concurrency: "unbounded" },
      )
      const { json } = yield* app.request("GET", "/api/users/profile", { token })
      expect(Object(json).user).toMatchObject({
        profile: { display_name: "Jane", bio: "Writes", avatar_url: "http://example.com/jane.png" },
        settings: { theme: "light", notifications_enabled: false, language: "de" },
      })
    }),
  )

  it.live("removes the avatar for an empty URL, as forms send it", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const put = (avatar_url: string) =>
        app.request("PUT", "/api/users/profile", { token, body: { avatar_url } })
      expect((yield* put("https://example.com/me.png")).at("user.profile.avatar_url")).toEndWith("/me.png")
      const { status, json } = yield* put("")
      expect([status, Object(json).user.profile.avatar_url]).toEqual([200, null])
    }),
  )

  it.live("counts an emoji in a display name as one character", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const rename = (display_name: string) =>
        Effect.map(
          app.request("PUT", "/api/users/profile", { token, body: { display_name } }),
          ({ status }) => status,
        )
      expect(yield* rename("😀")).toBe(400)
      expect(yield* rename("😀".repeat(50))).toBe(200)
      expect(yield* rename("😀".repeat(51))).toBe(400)
    }),
  )

  it.live("reports invalid fields and changes nothing", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const invalid: ReadonlyArray<readonly [path: string, body: Record<string, unknown>]> = [
        ["profile", { display_name: "J" }],
        ["profile", { display_name: "J".repeat(51) }],
        ["profile", { bio: "x".repeat(1001) }],
        ["profile", { avatar_url: "javascript:alert(1)" }],
        ["profile", { avatar_url: "picture.png" }],
        ["profile", { avatar_url: `https://example.com/${"x".repeat(2048)}` }],
        ["settings", { theme: "pink" }],
        ["settings", { notifications_enabled: "yes" }],
        ["settings", { language: "not a language" }],
      ]
      for (const [path, body] of invalid) {
        const valid = path === "profile" ? { bio: "Changed" } : { theme: "light" }
        const response = yield* app.request("PUT", `/api/users/${path}`, {
          token,
          body: { ...valid, ...body },
        })
        expect([body, response.status, response.at("code"), response.at("fields.0.field")]).toEqual([
          body,
          400,
          "VALIDATION_ERROR",
          Object.keys(body)[0] ?? "",
        ])
      }
      const { json } = yield* app.request("GET", "/api/users/profile", { token })
      expect(json).toEqual({ user: newUserBody(user) })
    }),
  )
})
