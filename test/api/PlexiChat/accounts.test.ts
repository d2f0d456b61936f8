import { expect } from "bun:test"
import { Effect, Layer, Queue } from "effect"
import * as Server from "../../support/App"
import { App, type TestResponse } from "../../support/App"
import { layer, it as standalone } from "../../support/it"
import { startMailServer } from "../../support/MailServer"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const secret = expect.stringMatching(/^[\w-]{43}$/)
const password = "SecurePass123!"
const unknown = "019bc0f1-0000-7000-8000-000000000001"

const outcome = (response: TestResponse) =>
  response.status < 400 ? [response.status] : [response.status, response.at("error.code")]

const post = (path: string, body: unknown, token?: string) =>
  Effect.flatMap(App, (app) =>
    app.request("POST", `/v1/auth/${path}`, { body, ...(token === undefined ? {} : { token }) }),
  )

layer(Server.layer())("PlexiChat accounts", (it) => {
  it.live("registers, logs in by email or username, refreshes once and logs out", () =>
    Effect.gen(function* () {
      const app = yield* App
      const registered = yield* post("register", {
        email: "Ada@example.com",
        password,
        username: "Ada.L",
        display_name: "Ada Lovelace",
      })
      const user = {
        id: registered.at("data.user.id"),
        username: "Ada.L",
        display_name: "Ada Lovelace",
        email: "ada@example.com",
        email_verified: true,
        role: "user",
        bio: "",
        avatar_url: null,
        created_at: time,
      }
      const tokens = {
        access_token: expect.any(String),
        refresh_token: secret,
        token_type: "Bearer",
        expires_in: 900,
      }
      expect([registered.status, registered.json]).toMatchObject([201, { data: { ...tokens, user } }])
      for (const key of [{ email: "ADA@example.com" }, { username: "ada.l" }]) {
        const login = yield* post("login", { ...key, password })
        expect([login.status, login.json]).toMatchObject([200, { data: { ...tokens, user } }])
        expect(login.cookie).toMatch(/^[\w-]{43}$/)
      }
      for (const key of [{ email: "nobody@example.com" }, { username: "ada.l" }, { username: "nobody" }])
        expect(outcome(yield* post("login", { ...key, password: "Wrong123" }))).toEqual([
          401,
          "INVALID_CREDENTIALS",
        ])
      expect((yield* post("login", { password })).json).toMatchObject({
        error: { details: { field: "email" } },
      })

      const refresh_token = registered.at("data.refresh_token")
      const refreshed = yield* post("refresh", { refresh_token })
      expect([refreshed.status, refreshed.json]).toMatchObject([200, { data: tokens }])
      expect(outcome(yield* post("refresh", { refresh_token }))).toEqual([401, "INVALID_REFRESH_TOKEN"])

      const token = (yield* post("login", { username: "ada.l", password })).at("data.access_token")
      const me = app.request("GET", "/v1/auth/me", { token })
      expect((yield* me).json).toMatchObject({ data: user })
      expect((yield* post("logout", undefined, token)).status).toBe(200)
      expect((yield* me).status).toBe(401)
    }),
  )

  it.live(
    "derives what registration omits, and rejects what is taken, once among many at the same time",
    () =>
      Effect.gen(function* () {
        const short = yield* post("register", { email: "grace@example.com", password })
        expect(short.json).toMatchObject({ data: { user: { username: "grace", display_name: "grace" } } })
        expect(outcome(yield* post("register", { email: "grace@example.com", password }))).toEqual([
          409,
          "EMAIL_TAKEN",
        ])
        const racing = [1, 2, 3, 4].map((n) =>
          post("register", { email: `racer${n}@example.com`, password, username: "racer" }),
        )
        const outcomes = (yield* Effect.all(racing, { concurrency: "unbounded" })).map(outcome)
        const taken = [409, "USERNAME_TAKEN"]
        expect(outcomes.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([[201], taken, taken, taken])
        for (const username of ["ab", "a".repeat(33), "with space", ".dot", "dot.", "é-accent", "a@b"]) {
          const invalid = yield* post("register", { email: "x@example.com", password, username })
          expect([invalid.status, invalid.at("error.details.field")]).toEqual([400, "username"])
        }
      }),
  )

  it.live("shows email and role to the user and administrators alone, and lets others change nothing", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, other, admin] = yield* Effect.all([
        app.newUser({ name: "Xénia" }),
        app.newUser(),
        app.newAdmin(),
      ])
      const path = `/v1/users/${user.id}`
      const profile = {
        id: user.id,
        username: expect.any(String),
        display_name: "Xénia",
        bio: "",
        avatar_url: null,
      }
      const visible = { ...profile, created_at: time }
      const own = { ...visible, email: user.email, role: "user" }
      const get = (url: string, { token }: { readonly token: string }) =>
        Effect.map(app.request("GET", url, { token }), ({ json }) => Object(json).data as unknown)
      for (const [viewer, expected] of [
        [user, own],
        [admin, own],
        [other, visible],
      ] as const) {
        expect(yield* get(path, viewer)).toEqual(expected)
        expect(yield* get("/v1/users?search=x%C3%89nia", viewer)).toEqual([expected])
        expect(yield* get(`${path}/profile`, viewer)).toEqual(profile)
      }
      expect(yield* get(`/v1/users?search=${user.email}`, admin)).toEqual([])

      const put = (url: string, body: unknown, { token }: { readonly token: string }) =>
        app.request("PUT", url, { token, body })
      for (const url of [path, `${path}/profile`])
        expect(outcome(yield* put(url, { display_name: "Eve" }, other))).toEqual([403, "ADMIN_REQUIRED"])
      const changed = yield* put(path, { display_name: "Xena", username: "xena", role: "admin" }, user)
      expect(changed.json).toMatchObject({ data: { ...own, display_name: "Xena", username: "xena" } })
      expect((yield* put(`${path}/profile`, { bio: "Warrior" }, admin)).json).toMatchObject({
        data: { display_name: "Xena", bio: "Warrior" },
      })
      expect((yield* put("/v1/auth/me", {}, user)).json).toMatchObject({ data: { username: "xena" } })
      expect(outcome(yield* put("/v1/auth/me", { username: "XENA" }, other))).toEqual([409, "USERNAME_TAKEN"])
      for (const id of [unknown, "unknown"])
        for (const [method, rest, body] of [
          ["GET", "", undefined],
          ["PUT", "", { bio: "" }],
          ["GET", "/profile", undefined],
          ["PUT", "/profile", { bio: "" }],
        ] as const) {
          const missing = yield* app.request(method, `/v1/users/${id}${rest}`, { token: admin.token, body })
          expect(outcome(missing)).toEqual([404, "USER_NOT_FOUND"])
        }
    }),
  )

  it.live("suspends an account on every contract until it is lifted, and never an administrator's", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, admin, colleague] = yield* Effect.all([app.newUser(), app.newAdmin(), app.newAdmin()])
      const { token } = admin
      const set = (id: string, body: unknown) =>
        app.request("PUT", `/v1/admin/users/${id}/status`, { token, body })
      const until = new Date(Date.now() + 3_600_000).toISOString()
      const suspended = yield* set(user.id, { status: "suspended", reason: "Spam", until })
      const status = { status: "suspended", status_reason: "Spam", status_until: until }
      expect([suspended.status, suspended.json]).toMatchObject([200, { data: { id: user.id, ...status } }])

      const credentials = { email: user.email, password: user.password }
      for (const path of ["/v1/auth/login", "/api/auth/login", "/api/auth/signin"]) {
        const refused = yield* app.request("POST", path, { body: credentials })
        expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("ACCOUNT_SUSPENDED")])
      }
      expect((yield* app.request("GET", "/v1/auth/me", { token: user.token })).status).toBe(401)

      const list = (query: string) =>
        Effect.map(app.request("GET", `/v1/admin/users?${query}`, { token }), ({ json }) => Object(json).data)
      expect(yield* list("status=suspended")).toMatchObject([{ id: user.id, ...status, tokens_used: 0 }])
      expect(yield* list(`status=active&search=${user.email}`)).toEqual([])
      expect(yield* list(`role=admin&search=${user.email}`)).toEqual([])

      expect((yield* set(user.id, { status: "active" })).json).toMatchObject({
        data: { status: "active", status_reason: null, status_until: null },
      })
      expect((yield* post("login", credentials)).status).toBe(200)
      expect((yield* set(user.id, { status: "banned" })).status).toBe(200)
      expect(outcome(yield* post("login", credentials))).toEqual([403, "ACCOUNT_BANNED"])

      for (const id of [admin.id, colleague.id])
        for (const next of ["active", "suspended", "banned"])
          expect(outcome(yield* set(id, { status: next }))).toEqual([422, "STATUS_CHANGE_NOT_ALLOWED"])
      for (const body of [
        { status: "suspended", until: "2020-01-01T00:00:00.000Z" },
        { status: "banned", until },
      ]) {
        const invalid = yield* set(user.id, body)
        expect([invalid.status, invalid.at("error.details.field")]).toEqual([400, "until"])
      }
    }),
  )
})

layer(Server.layer())("PlexiChat account deletion", (it) => {
  it.live("deletes one's own account, keeps its messages and passes its channel on", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, member] = yield* Effect.all([app.newUser(), app.newUser()])
      const { token } = user
      const body = { name: "general", is_private: true }
      const channel = `/v1/channels/${(yield* app.request("POST", "/v1/channels", { token, body })).at("data.id")}`
      yield* app.request("POST", `${channel}/members`, { token, body: { user_id: member.id } })
      yield* app.request("POST", `${channel}/messages`, { token, body: { content: "Remember me" } })

      const deletions = yield* Effect.replicateEffect(app.request("DELETE", "/v1/auth/me", { token }), 2, {
        concurrency: "unbounded",
      })
      const statuses = deletions.map(({ status }) => status)
      expect(statuses).toContain(204)
      expect(statuses.every((status) => [204, 401, 404].includes(status))).toBe(true)
      expect((yield* app.request("GET", "/v1/auth/me", { token })).status).toBe(401)
      const credentials = { email: user.email, password: user.password }
      expect(outcome(yield* post("login", credentials))).toEqual([401, "INVALID_CREDENTIALS"])
      const gone = yield* app.request("GET", `/v1/users/${user.id}`, { token: member.token })
      expect(outcome(gone)).toEqual([404, "USER_NOT_FOUND"])
      const messages = yield* app.request("GET", `${channel}/messages`, { token: member.token })
      expect(messages.json).toMatchObject({ data: [{ content: "Remember me", author: null }] })
      const passedOn = yield* app.request("GET", channel, { token: member.token })
      expect(passedOn.at("data.role")).toBe("owner")
    }),
  )

  it.live("lets administrators delete users but neither themselves nor each other", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, other, admin, colleague] = yield* Effect.all([
        app.newUser(),
        app.newUser(),
        app.newAdmin(),
        app.newAdmin(),
      ])
      const remove = (id: string, token: string) => app.request("DELETE", `/v1/users/${id}`, { token })
      for (const id of [user.id, other.id])
        expect(outcome(yield* remove(id, user.token))).toEqual([403, "ADMIN_REQUIRED"])
      for (const id of [admin.id, colleague.id])
        expect(outcome(yield* remove(id, admin.token))).toEqual([422, "DELETION_NOT_ALLOWED"])
      const own = yield* app.request("DELETE", "/v1/auth/me", { token: admin.token })
      expect(outcome(own)).toEqual([422, "DELETION_NOT_ALLOWED"])
      expect((yield* remove(user.id, admin.token)).status).toBe(204)
      expect(outcome(yield* remove(user.id, admin.token))).toEqual([404, "USER_NOT_FOUND"])
      const logs = yield* app.request("GET", "/v1/admin/audit-logs?action=delete_user", {
        token: admin.token,
      })
      expect(logs.json).toMatchObject({ data: [{ target: user.id, actor: { id: admin.id } }] })
    }),
  )
})

/** Takes the next mail to an address, and the token in its link. */
const tokenFor = (
  mails: Queue.Dequeue<{ readonly text?: string | undefined; readonly subject?: string | undefined }>,
  subject: string,
) =>
  Effect.map(
    Effect.repeat(Queue.take(mails), { until: (mail) => mail.subject === subject }),
    ({ text = "" }) => /https:\/\/chat\.example\.com\/[a-z-]+\?token=([\w-]{43})/.exec(text)?.[1] ?? "",
  )

standalone.live("verifies an address and resets a password by mail, each once", () =>
  Effect.gen(function* () {
    const { url, mails } = yield* startMailServer()
    const server = Server.layer({ SMTP_URL: url, PUBLIC_URL: "https://chat.example.com" })
    yield* Effect.gen(function* () {
      const app = yield* App
      const { email, token: accessToken } = yield* app.newUser()
      const isVerified = Effect.map(
        app.request("GET", "/v1/auth/me", { token: accessToken }),
        ({ json }) => Object(json).data.email_verified as unknown,
      )
      expect(yield* isVerified).toBe(false)
      const token = yield* tokenFor(mails, "Verify your email address")
      expect(outcome(yield* post("reset-password", { token, password }))).toEqual([400, "INVALID_TOKEN"])
      expect(outcome(yield* post("verify-email", { token }))).toEqual([200])
      expect(outcome(yield* post("verify-email", { token }))).toEqual([400, "INVALID_TOKEN"])
      expect(yield* isVerified).toBe(true)

      const unknownAddress = yield* post("forgot-password", { email: "nobody@example.com" })
      const known = yield* post("forgot-password", { email: email.toUpperCase() })
      const bodyOf = ({ status, json }: TestResponse) => [status, Object(json).data]
      expect(bodyOf(known)).toEqual(bodyOf(unknownAddress))
      const reset = yield* tokenFor(mails, "Reset your password")
      yield* post("forgot-password", { email })
      const second = yield* tokenFor(mails, "Reset your password")
      const racing = ["First1234", "Second1234"].map((next) =>
        post("reset-password", { token: reset, password: next }),
      )
      const outcomes = (yield* Effect.all(racing, { concurrency: "unbounded" })).map(outcome)
      expect(outcomes.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
        [200],
        [400, "INVALID_TOKEN"],
      ])
      expect(outcome(yield* post("reset-password", { token: second, password }))).toEqual([
        400,
        "INVALID_TOKEN",
      ])
      expect((yield* app.request("GET", "/v1/auth/me", { token: accessToken })).status).toBe(401)
      const winner = outcomes[0]?.[0] === 200 ? "First1234" : "Second1234"
      expect(outcome(yield* post("login", { email, password: winner }))).toEqual([200])
      expect(outcome(yield* post("login", { email, password: "SecurePass123!" }))).toEqual([
        401,
        "INVALID_CREDENTIALS",
      ])
    }).pipe(Effect.provide(Layer.fresh(server)))
  }),
)
