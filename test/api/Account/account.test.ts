import { expect, spyOn } from "bun:test"
import { Effect } from "effect"
import { version } from "../../../package.json" with { type: "json" }
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const jwt = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)
const secret = expect.stringMatching(/^[\w-]{43}$/)

/** Returns the body of a user as registration creates it, under the names of every document. */
const newUser = (id: string, email: string) => ({
  id,
  email,
  name: "John Doe",
  display_name: "John Doe",
  role: "user",
  avatar_url: null,
  avatar: null,
  created_at: time,
  createdAt: time,
})

layer(Server.layer())("Account", (it) => {
  it.live("registers with display_name or name and returns the fields of every document", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const nameField of ["display_name", "name"]) {
        const email = `${nameField}@example.com`
        const body = { email, password: "SecurePass123!", [nameField]: "John Doe" }
        const answer = yield* app.request("POST", "/api/auth/register", { body })
        expect(answer.status).toBe(201)
        const id = answer.at("id")
        expect(answer.json).toEqual({
          message: "Registration successful",
          user: newUser(id, email),
          id,
          name: "John Doe",
          email,
          token: jwt,
          access_token: answer.at("token"),
          token_type: "Bearer",
          expires_in: 900,
          refresh_token: secret,
          refreshToken: answer.at("refresh_token"),
        })
        const me = yield* app.request("GET", "/api/auth/me", { token: answer.at("token") })
        expect(me.status).toBe(200)
      }
    }),
  )

  it.live("rejects a registered email with 409 for display_name and 400 for name only", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email, password } = yield* app.newUser()
      const register = (names: Record<string, string>) =>
        app.request("POST", "/api/auth/register", {
          body: { email: email.toUpperCase(), password, ...names },
        })
      const answers = yield* Effect.all([
        register({ display_name: "John" }),
        register({ name: "John" }),
        register({ display_name: "John", name: "John" }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([409, 400, 409])
      expect(answers.map((answer) => answer.at("code"))).toEqual([
        "EMAIL_TAKEN",
        "USER_EXISTS",
        "EMAIL_TAKEN",
      ])
      for (const { headers } of answers) expect(headers.get("set-cookie")).toBeNull()
    }),
  )

  it.live("creates one account from ten concurrent registrations with the same email", () =>
    Effect.gen(function* () {
      const app = yield* App
      const body = { email: "many@example.com", password: "SecurePass123!", display_name: "Many" }
      const answers = yield* Effect.all(
        Array.from({ length: 10 }, () => app.request("POST", "/api/auth/register", { body })),
        { concurrency: "unbounded" },
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)])
    }),
  )

  it.live("reports every invalid field of a registration once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const invalidFields = (body: unknown) =>
        Effect.map(
          app.request("POST", "/api/auth/register", { body }),
          ({ json }) => Object(json).fields as unknown,
        )
      const required = "is required"
      expect(yield* invalidFields({})).toEqual([
        { field: "email", message: required },
        { field: "password", message: required },
        { field: "display_name", message: "is required (or name)" },
      ])
      expect(yield* invalidFields({ email: null, password: 8, name: ["x"] })).toEqual([
        { field: "email", message: "must be a string" },
        { field: "password", message: "must be a string" },
        { field: "name", message: "must be a string" },
      ])
      expect(yield* invalidFields({ email: "a@b", password: "lowercase1", display_name: "J" })).toEqual([
        { field: "email", message: "must be a valid email address" },
        { field: "password", message: "must contain an upper case letter, a lower case letter and a digit" },
        { field: "display_name", message: "must be one line of 2 to 50 characters" },
      ])
      expect(yield* invalidFields([])).toEqual([{ field: "", message: "must be an object" }])
      const passwords = [
        "Short1!",
        "Aa1😀😀😀",
        "alllower1",
        "ALLUPPER1",
        "NoDigits!",
        `Aa1${"x".repeat(254)}`,
      ]
      for (const password of passwords) {
        expect(yield* invalidFields({ email: "ok@example.com", password, display_name: "Jo" })).toMatchObject(
          [{ field: "password" }],
        )
      }
      const addresses = [
        "a@b..com",
        "a@-b.com",
        "a@b-.com",
        "a@.com",
        "a@b.com.",
        "a\u200bb@c.com",
        "\u202ea@b.com",
      ]
      for (const email of addresses) {
        expect(yield* invalidFields({ email, password: "Longenough1", display_name: "Jo" })).toMatchObject([
          { field: "email", message: "must be a valid email address" },
        ])
      }
    }),
  )

  it.live("logs in with the email in any case and returns the documented fields", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { id, email, password } = yield* app.newUser()
      const body = { email: ` ${email.toUpperCase()}`, password }
      const answer = yield* app.request("POST", "/api/auth/login", { body })
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual({
        user: newUser(id, email),
        token: jwt,
        access_token: answer.at("token"),
        token_type: "Bearer",
        expires_in: 900,
        refresh_token: secret,
        refreshToken: answer.at("refresh_token"),
      })
      expect(answer.headers.get("set-cookie")).toMatch(
        /^parley_session=[\w-]{43};.*HttpOnly; SameSite=Strict$/,
      )
      const missing = yield* app.request("POST", "/api/auth/login", { body: { email: "" } })
      expect(missing.status).toBe(400)
      expect(missing.json).toMatchObject({ fields: [{ field: "email" }, { field: "password" }] })
    }),
  )

  it.live("hashes the password at the same cost for an unknown email as for a wrong password", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email } = yield* app.newUser()
      const login = (address: string) =>
        app.request("POST", "/api/auth/login", { body: { email: address, password: "Wrong123" } })
      yield* login("warm@example.com")
      const verify = spyOn(Bun.password, "verify")
      yield* Effect.addFinalizer(() => Effect.sync(() => verify.mockRestore()))
      const answers = yield* Effect.all([login(email), login("unknown@example.com")])
      expect(answers.map(({ status }) => status)).toEqual([401, 401])
      const costs = verify.mock.calls.map(([, hash]) => /^\$argon2id\$v=\d+\$[^$]+/.exec(String(hash))?.[0])
      expect(costs).toEqual(["$argon2id$v=19$m=19456,t=2,p=1", "$argon2id$v=19$m=19456,t=2,p=1"])
    }),
  )

  it.live("returns the profile, the settings and the usage at /api/auth/me", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const me = app.request("GET", "/api/auth/me", { token: user.token })
      const expected = {
        id: user.id,
        email: user.email,
        role: "user",
        profile: { display_name: "John Doe", avatar_url: null, bio: "" },
        settings: { theme: "dark", notifications_enabled: true, language: "en" },
        usage: { messages_sent: 0, tokens_used: 0, tokens_limit: 100_000 },
        created_at: time,
      }
      expect((yield* me).json).toEqual(expected)
      yield* app.sendPrompt(user, yield* app.newChat(user), "one two three")
      // The scripted provider counts words: three in the prompt, and the same after "You said:" in the answer.
      expect((yield* me).json).toEqual({
        ...expected,
        usage: { ...expected.usage, messages_sent: 1, tokens_used: 8 },
      })
    }),
  )

  it.live("reports the health of the server", () =>
    Effect.gen(function* () {
      const app = yield* App
      const answer = yield* app.request("GET", "/api/health")
      expect([answer.status, answer.json]).toEqual([200, { status: "healthy", timestamp: time, version }])
    }),
  )
})
