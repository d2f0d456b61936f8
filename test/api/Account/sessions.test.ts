import { expect } from "bun:test"
import { Effect, FastCheck as fc } from "effect"
import { Users } from "../../../src/domain/identity/Users"
import { UserId } from "../../../src/domain/shared/Actor"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { newActor } from "../../support/testLayer"

type Proof = Pick<TestUser, "token" | "refreshToken" | "cookie">

/** What each proof of a session is answered now: bearer, cookie, bearer refresh. */
const statusesOf = Effect.fn(function* ({ token, refreshToken, cookie }: Proof) {
  const app = yield* App
  const answers = yield* Effect.all([
    app.request("GET", "/api/auth/me", { token }),
    app.request("GET", "/api/auth/me", { cookie }),
    app.request("POST", "/api/auth/refresh", { token: refreshToken }),
  ])
  return answers.map(({ status }) => status)
})

const open = [200, 200, 200]
const ended = [401, 401, 401]

const logIn = Effect.fn(function* ({ email, password }: Pick<TestUser, "email" | "password">) {
  const app = yield* App
  const answer = yield* app.request("POST", "/api/auth/login", { body: { email, password } })
  const proof: Proof = {
    token: answer.at("token"),
    refreshToken: answer.at("refreshToken"),
    cookie: answer.cookie ?? "",
  }
  return proof
})

const rotate = Effect.fn(function* (refreshToken: string, field = "refreshToken") {
  return yield* (yield* App).request("POST", "/api/auth/refresh", { body: { [field]: refreshToken } })
})

layer(Server.layer())("A session", (it) => {
  it.live("is refreshed by its token in the body, which is then replaced by a new one", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const answer = yield* rotate(person.refreshToken)
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
      expect(refreshToken).not.toBe(person.refreshToken)
      expect(yield* statusesOf({ ...person, token, refreshToken })).toEqual(open)
      expect((yield* rotate(refreshToken, "refresh_token")).status).toBe(200)
    }),
  )

  it.live("is refreshed by its token as bearer, which stays good", () =>
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

  it.live("takes no token for another kind", () =>
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

  it.live("ends whole when a used token comes back", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const other = yield* logIn(person)
      const answer = yield* rotate(person.refreshToken)
      const next = { ...person, token: answer.at("token"), refreshToken: answer.at("refreshToken") }
      expect((yield* rotate(person.refreshToken)).status).toBe(401)
      expect(yield* statusesOf(next)).toEqual(ended)
      expect((yield* rotate(next.refreshToken)).status).toBe(401)
      expect(yield* statusesOf(other)).toEqual(open)
    }),
  )

  it.live("is given to at most one of many who bring the same token at once, and then ended", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const answers = yield* Effect.all(
        Array.from({ length: 6 }, () => rotate(person.refreshToken)),
        { concurrency: "unbounded" },
      )
      expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
      expect(answers.every(({ status }) => status === 200 || status === 401)).toBe(true)
      expect(yield* statusesOf(person)).toEqual(ended)
      for (const answer of answers) {
        if (answer.status === 200) expect((yield* rotate(answer.at("refreshToken"))).status).toBe(401)
      }
    }),
  )

  const tokens = fc.array(fc.oneof(fc.constant("newest"), fc.constant("bearer"), fc.constant("used")), {
    maxLength: 6,
  })

  it.prop(
    "lives exactly until a used token is shown, whatever is refreshed in whatever order",
    [tokens],
    (sequence) =>
      Effect.gen(function* () {
        const app = yield* App
        const { refreshToken, cookie } = yield* app.newUser()
        const given = [refreshToken]
        let alive = true
        for (const step of sequence) {
          const newest = given.at(-1) ?? ""
          if (step === "bearer") {
            const { status } = yield* app.request("POST", "/api/auth/refresh", { token: newest })
            expect(status).toBe(alive ? 200 : 401)
            continue
          }
          const shown = step === "used" ? (given.at(-2) ?? newest) : newest
          const answer = yield* rotate(shown)
          const expected: boolean = alive && shown === newest
          expect(answer.status).toBe(expected ? 200 : 401)
          if (expected) given.push(answer.at("refreshToken"))
          alive = expected
        }
        const me = yield* app.request("GET", "/api/auth/me", { cookie })
        expect(me.status).toBe(alive ? 200 : 401)
      }),
    { numRuns: 15, timeout: 30_000 },
  )

  it.live("ends at once by logging out, alone of the user's, and takes its cookie away", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const other = yield* logIn(person)
      expect(yield* statusesOf(person)).toEqual(open)
      const answer = yield* app.request("POST", "/api/auth/logout", { token: person.token })
      expect([answer.status, answer.json]).toEqual([
        200,
        { success: true, message: "Successfully logged out" },
      ])
      expect(answer.headers.get("set-cookie")).toMatch(/^parley_session=; Max-Age=0; Path=\//)
      expect(yield* statusesOf(person)).toEqual(ended)
      expect((yield* rotate(person.refreshToken)).status).toBe(401)
      expect(yield* statusesOf(other)).toEqual(open)
      expect((yield* app.request("POST", "/api/auth/logout", { token: person.token })).status).toBe(401)
    }),
  )

  it.live("ends at once when another changes the password, which then is the only one", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const other = yield* logIn(person)
      expect(yield* statusesOf(other)).toEqual(open)
      const change = (current_password: string, new_password: string) =>
        app.request("PUT", "/api/auth/password", {
          token: person.token,
          body: { current_password, new_password },
        })
      const wrong = yield* change("Wrong123", "NewPass456!")
      expect([wrong.status, wrong.at("code")]).toEqual([401, "WRONG_PASSWORD"])
      const weak = yield* change(person.password, "weak")
      expect([weak.status, weak.json]).toMatchObject([400, { details: [{ field: "new_password" }] }])
      expect(yield* statusesOf(other)).toEqual(open)

      const changed = yield* change(person.password, "NewPass456!")
      expect([changed.status, changed.json]).toEqual([200, { message: "Password updated successfully" }])
      expect(yield* statusesOf(other)).toEqual(ended)
      expect(yield* statusesOf(person)).toEqual(open)
      const login = (password: string) =>
        Effect.map(
          app.request("POST", "/api/auth/login", { body: { email: person.email, password } }),
          ({ status }) => status,
        )
      expect(yield* login(person.password)).toBe(401)
      expect(yield* login("NewPass456!")).toBe(200)
    }),
  )

  it.live("ends at once when its user is banned, who is told so at the door", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      expect(yield* statusesOf(person)).toEqual(open)
      const admin = yield* newActor("admin")
      yield* (yield* Users).ban(admin, UserId.make(person.id), "Spam")
      expect(yield* statusesOf(person)).toEqual(ended)
      const { email, password } = person
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
