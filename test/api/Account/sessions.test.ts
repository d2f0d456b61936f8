import { expect } from "bun:test"
import { Effect, FastCheck as fc } from "effect"
import { Users } from "../../../src/domain/identity/Users"
import { UserId } from "../../../src/domain/shared/Actor"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { newActor } from "../../support/testLayer"

type Credentials = Pick<TestUser, "token" | "refreshToken" | "cookie">

/** Returns the statuses of requests that authenticate with the access token, the cookie and the refresh token. */
const authStatuses = Effect.fn(function* ({ token, refreshToken, cookie }: Credentials) {
  const app = yield* App
  const answers = yield* Effect.all([
    app.request("GET", "/api/auth/me", { token }),
    app.request("GET", "/api/auth/me", { cookie }),
    app.request("POST", "/api/auth/refresh", { token: refreshToken }),
  ])
  return answers.map(({ status }) => status)
})

const allActive = [200, 200, 200]
const allRevoked = [401, 401, 401]

const logIn = Effect.fn(function* ({ email, password }: Pick<TestUser, "email" | "password">) {
  const app = yield* App
  const answer = yield* app.request("POST", "/api/auth/login", { body: { email, password } })
  const credentials: Credentials = {
    token: answer.at("token"),
    refreshToken: answer.at("refreshToken"),
    cookie: answer.cookie ?? "",
  }
  return credentials
})

const rotate = Effect.fn(function* (refreshToken: string, field = "refreshToken") {
  return yield* (yield* App).request("POST", "/api/auth/refresh", { body: { [field]: refreshToken } })
})

layer(Server.layer())("Sessions", (it) => {
  it.live("rotates a refresh token that is sent in the body", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const answer = yield* rotate(user.refreshToken)
      expect(answer.status).toBe(200)
      const token = answer.at("token")
      const refreshToken = answer.at("refreshToken")
      expect(answer.json).toEqual({
        token,
        access_token: token,
        token_type: "Bearer",
        expires_in: 900,
        refresh_token: refreshToken,
        refreshToken,
      })
      expect(refreshToken).not.toBe(user.refreshToken)
      expect(yield* authStatuses({ ...user, token, refreshToken })).toEqual(allActive)
      expect((yield* rotate(refreshToken, "refresh_token")).status).toBe(200)
    }),
  )

  it.live("does not rotate a refresh token that is sent as the bearer token", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { refreshToken } = yield* app.newUser()
      for (let time = 0; time < 2; time++) {
        const answer = yield* app.request("POST", "/api/auth/refresh", { token: refreshToken })
        expect(answer.status).toBe(200)
        const token = answer.at("token")
        expect(answer.json).toEqual({ token, access_token: token, token_type: "Bearer", expires_in: 900 })
      }
    }),
  )

  it.live("rejects a token where another kind of token is required", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, refreshToken, cookie } = yield* app.newUser()
      const answers = yield* Effect.all([
        app.request("GET", "/api/auth/me", { token: refreshToken }),
        app.request("GET", "/api/auth/me", { token: cookie }),
        app.request("GET", "/api/auth/me", { cookie: token }),
        app.request("GET", "/api/auth/me", { cookie: refreshToken }),
        app.request("POST", "/api/auth/refresh", { token }),
        app.request("POST", "/api/auth/refresh", { body: { refreshToken: token } }),
        app.request("POST", "/api/auth/refresh", { token: cookie }),
        app.request("POST", "/api/auth/refresh"),
        app.request("GET", "/api/auth/me", { token: `${token.slice(0, -3)}AAA` }),
        app.request("GET", "/api/auth/me", {
          token: `${Buffer.from('{"alg":"none"}').toString("base64url")}.${token.split(".")[1]}.`,
        }),
        app.request("GET", "/api/auth/me", { token: "junk", cookie }),
      ])
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401))
    }),
  )

  it.live("revokes the whole session when a consumed refresh token is reused", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const other = yield* logIn(user)
      const answer = yield* rotate(user.refreshToken)
      const next = { ...user, token: answer.at("token"), refreshToken: answer.at("refreshToken") }
      expect((yield* rotate(user.refreshToken)).status).toBe(401)
      expect(yield* authStatuses(next)).toEqual(allRevoked)
      expect((yield* rotate(next.refreshToken)).status).toBe(401)
      expect(yield* authStatuses(other)).toEqual(allActive)
    }),
  )

  it.live("accepts at most one of several concurrent uses of a refresh token and revokes the session", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const answers = yield* Effect.all(
        Array.from({ length: 6 }, () => rotate(user.refreshToken)),
        { concurrency: "unbounded" },
      )
      expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
      expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true)
      expect(yield* authStatuses(user)).toEqual(allRevoked)
      for (const answer of answers) {
        if (answer.status === 200) expect((yield* rotate(answer.at("refreshToken"))).status).toBe(401)
      }
    }),
  )

  const refreshes = fc.array(
    fc.oneof(fc.constant("latest"), fc.constant("bearer"), fc.constant("consumed")),
    {
      maxLength: 6,
    },
  )

  it.prop(
    "keeps a session active until a consumed refresh token is reused, for any sequence of refreshes",
    [refreshes],
    (sequence) =>
      Effect.gen(function* () {
        const app = yield* App
        const { refreshToken, cookie } = yield* app.newUser()
        const issued = [refreshToken]
        let active = true
        for (const step of sequence) {
          const latest = issued.at(-1) ?? ""
          if (step === "bearer") {
            const { status } = yield* app.request("POST", "/api/auth/refresh", { token: latest })
            expect(status).toBe(active ? 200 : 401)
            continue
          }
          const token = step === "consumed" ? (issued.at(-2) ?? latest) : latest
          const answer = yield* rotate(token)
          const expected: boolean = active && token === latest
          expect(answer.status).toBe(expected ? 200 : 401)
          if (expected) issued.push(answer.at("refreshToken"))
          active = expected
        }
        const me = yield* app.request("GET", "/api/auth/me", { cookie })
        expect(me.status).toBe(active ? 200 : 401)
      }),
    { numRuns: 15, timeout: 30_000 },
  )

  it.live("revokes only the session that logs out, immediately, and clears its cookie", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const other = yield* logIn(user)
      expect(yield* authStatuses(user)).toEqual(allActive)
      const answer = yield* app.request("POST", "/api/auth/logout", { token: user.token })
      expect([answer.status, answer.json]).toEqual([
        200,
        { success: true, message: "Successfully logged out" },
      ])
      expect(answer.headers.get("set-cookie")).toMatch(/^parley_session=; Max-Age=0; Path=\//)
      expect(yield* authStatuses(user)).toEqual(allRevoked)
      expect((yield* rotate(user.refreshToken)).status).toBe(401)
      expect(yield* authStatuses(other)).toEqual(allActive)
      expect((yield* app.request("POST", "/api/auth/logout", { token: user.token })).status).toBe(401)
    }),
  )

  it.live("revokes all other sessions immediately when the password changes", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const other = yield* logIn(user)
      expect(yield* authStatuses(other)).toEqual(allActive)
      const change = (current_password: string, new_password: string) =>
        app.request("PUT", "/api/auth/password", {
          token: user.token,
          body: { current_password, new_password },
        })
      const wrong = yield* change("Wrong123", "NewPass456!")
      expect([wrong.status, wrong.at("code")]).toEqual([401, "WRONG_PASSWORD"])
      const weak = yield* change(user.password, "weak")
      expect([weak.status, weak.json]).toMatchObject([400, { fields: [{ field: "new_password" }] }])
      expect(yield* authStatuses(other)).toEqual(allActive)

      const changed = yield* change(user.password, "NewPass456!")
      expect([changed.status, changed.json]).toEqual([200, { message: "Password updated successfully" }])
      expect(yield* authStatuses(other)).toEqual(allRevoked)
      expect(yield* authStatuses(user)).toEqual(allActive)
      const login = (password: string) =>
        Effect.map(
          app.request("POST", "/api/auth/login", { body: { email: user.email, password } }),
          ({ status }) => status,
        )
      expect(yield* login(user.password)).toBe(401)
      expect(yield* login("NewPass456!")).toBe(200)
    }),
  )

  it.live("revokes all sessions immediately when the user is banned and rejects logins with the reason", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      expect(yield* authStatuses(user)).toEqual(allActive)
      const admin = yield* newActor("admin")
      yield* (yield* Users).ban(admin, UserId.make(user.id), "Spam")
      expect(yield* authStatuses(user)).toEqual(allRevoked)
      const { email, password } = user
      for (const path of ["/api/auth/login", "/api/auth/signin"]) {
        const answer = yield* app.request("POST", path, { body: { email, password } })
        expect([answer.status, answer.json]).toMatchObject([
          403,
          { code: "ACCOUNT_BANNED", error: "This account is banned: Spam" },
        ])
        const wrong = yield* app.request("POST", path, { body: { email, password: "Wrong123" } })
        expect(wrong.status).toBe(401)
      }
    }),
  )
})
