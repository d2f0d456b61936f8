import { expect } from "bun:test"
import { Effect } from "effect"
import { Users } from "../../../src/domain/identity/Users"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const path = "/v1/admin/settings"

let count = 0

/** Creates an administrator and returns functions that read and change the settings. */
const makeAdmin = Effect.gen(function* () {
  const app = yield* App
  const credentials = { email: `settings${++count}@example.com`, password: "SecurePass123!" }
  yield* Effect.orDie((yield* Users).createAdmin({ ...credentials, name: "Root" }))
  const token = (yield* app.request("POST", "/api/auth/login", { body: credentials })).at("token")
  return {
    token,
    get: app.request("GET", path, { token }),
    update: (body: unknown) => app.request("PUT", path, { token, body }),
  }
})

const register = (email: string) =>
  Effect.flatMap(App, (app) =>
    app.request("POST", "/api/auth/register", { body: { email, password: "SecurePass123!", name: "Ada" } }),
  )

layer(Server.layer())("PlexiChat settings", (it) => {
  it.live("shows the defaults and marks what the configuration sets as locked", () =>
    Effect.gen(function* () {
      const admin = yield* makeAdmin
      const { status, json } = yield* admin.get
      expect([status, json]).toMatchObject([
        200,
        {
          data: {
            registration_open: true,
            default_model: "openai/scripted",
            tokens_limit: 100_000,
            max_file_bytes: 20_971_520,
            motd: "",
            locked: ["default_model"],
          },
        },
      ])
    }),
  )

  it.live("applies changes at once and without a restart", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admin = yield* makeAdmin
      const changed = yield* admin.update({ registration_open: false, tokens_limit: 7, max_file_bytes: 3 })
      expect([changed.status, changed.json]).toMatchObject([
        200,
        { data: { registration_open: false, tokens_limit: 7, max_file_bytes: 3, motd: "" } },
      ])
      const closed = yield* register("closed@example.com")
      expect([closed.status, closed.at("code")]).toEqual([403, "REGISTRATION_CLOSED"])

      yield* admin.update({ registration_open: null, motd: "Welcome" })
      const opened = yield* register("opened@example.com")
      expect(opened.status).toBe(201)
      const login = { email: "opened@example.com", password: "SecurePass123!" }
      const signedIn = yield* app.request("POST", "/v1/auth/login", { body: login })
      expect(signedIn.at("data.motd")).toBe("Welcome")
      const token = opened.at("token")
      const me = yield* app.request("GET", "/api/auth/me", { token })
      expect(me.json).toMatchObject({ usage: { tokens_limit: 7 } })
      const raw = new FormData()
      raw.append("file", new Blob(["four"]), "four.txt")
      const uploaded = yield* app.request("POST", "/api/files", { token, raw })
      expect([uploaded.status, uploaded.at("code")]).toEqual([413, "FILE_TOO_LARGE"])

      const reset = yield* admin.update({ tokens_limit: null, max_file_bytes: null, motd: null })
      expect(reset.json).toMatchObject({ data: { tokens_limit: 100_000, max_file_bytes: 20_971_520 } })
      const logs = yield* app.request("GET", "/v1/admin/audit-logs?action=update_settings", {
        token: admin.token,
      })
      expect(logs.json).toMatchObject({
        data: [
          { details: { tokensLimit: null, maxFileBytes: null, motd: null } },
          { details: { registrationOpen: null, motd: "Welcome" } },
          { action: "update_settings", ip: "127.0.0.1", actor: { email: expect.any(String) } },
        ],
        pagination: { total: 3 },
      })
    }),
  )

  it.live("rejects unknown and locked settings, and writes nothing then", () =>
    Effect.gen(function* () {
      const admin = yield* makeAdmin
      const before = (yield* admin.get).json as { readonly data: object }
      const unknown = yield* admin.update({ motd: "Half a write", color: "red" })
      expect([unknown.status, unknown.at("error.details.field")]).toEqual([400, "color"])
      const locked = yield* admin.update({ motd: "Half a write", default_model: "demo" })
      expect([locked.status, locked.at("error.code")]).toEqual([422, "SETTING_LOCKED"])
      const repeated = yield* admin.update(before.data)
      expect(repeated.status).toBe(200)
      const after = (yield* admin.get).json as { readonly data: object }
      expect(after.data).toEqual(before.data)
    }),
  )
})

layer(Server.layer({ DEFAULT_MODEL: "" }))("The default model as a setting", (it) => {
  it.live("answers prompts, and must be served by a configured provider", () =>
    Effect.gen(function* () {
      const app = yield* App
      const admin = yield* makeAdmin
      const unknown = yield* admin.update({ default_model: "anthropic/claude-haiku-4-5" })
      expect([unknown.status, unknown.at("error.code")]).toEqual([422, "MODEL_NOT_FOUND"])
      const changed = yield* admin.update({ default_model: "openai/scripted" })
      expect(changed.at("data.default_model")).toBe("openai/scripted")
      const user = yield* app.newUser()
      const answer = yield* app.sendPrompt(user, yield* app.newChat(user), "Which model?")
      expect(answer.status).toBe(200)
      const usage = yield* app.request("GET", "/api/usage", { token: user.token })
      expect(usage.json).toMatchObject({ usage: { byModel: [{ model: "openai/scripted" }] } })
    }),
  )
})
