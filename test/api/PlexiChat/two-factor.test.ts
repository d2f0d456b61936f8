import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import {
  completeLogin,
  enableTotp,
  listOf,
  logIn,
  newProtectedUser,
  outcome,
  post,
  startLogin,
  totpCode,
} from "./twoFactorFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const wrongCode = [401, "INVALID_TWO_FACTOR_CODE"]
const invalidChallenge = [401, "INVALID_CHALLENGE"]

/** Hashing passwords takes time on a busy machine. */
const options = { timeout: 120_000 }

layer(Server.layer({ RATE_LIMIT_AUTH_PER_MIN: "1000" }))("A second factor", (it) => {
  it.live(
    "is enrolled with the password and a code, and ends the account's other sessions",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { email, password, token } = user
        const other = (yield* logIn(user)).at("data.access_token")
        expect(outcome(yield* post("2fa/totp", { password: "Wrong-Pass123" }, token))).toEqual([
          401,
          "WRONG_PASSWORD",
        ])
        const enrollment = yield* post("2fa/totp", { password }, token)
        const secret = enrollment.at("data.secret")
        expect(enrollment.at("data.otpauth_url")).toContain(`secret=${secret}`)
        expect((yield* logIn(user)).at("data.access_token")).toBeString()
        expect(outcome(yield* post("2fa/totp/verify", { code: "000000x" }, token))).toEqual(wrongCode)
        const verified = yield* post("2fa/totp/verify", { code: totpCode(secret) }, token)
        expect(new Set(listOf(verified, "backup_codes")).size).toBe(10)
        const me = (bearer: string) => app.request("GET", "/v1/auth/me", { token: bearer })
        expect([(yield* me(token)).status, (yield* me(other)).status]).toEqual([200, 401])

        const listed = yield* app.request("GET", "/v1/auth/2fa", { token })
        expect(listed.json).toMatchObject({
          data: {
            methods: [{ method: "totp", destination: null, created_at: time }],
            available: ["totp", "email", "webauthn"],
            backup_codes_left: 10,
          },
        })
        expect(outcome(yield* post("2fa/totp", { password }, token))).toEqual([
          409,
          "TWO_FACTOR_ALREADY_ENABLED",
        ])
        expect(outcome(yield* post("2fa/totp/verify", { code: totpCode(secret) }, token))).toEqual([
          404,
          "TWO_FACTOR_ENROLLMENT_NOT_FOUND",
        ])

        const challenged = yield* logIn({ email, password })
        expect([challenged.status, challenged.cookie, challenged.json]).toEqual([
          200,
          undefined,
          {
            success: true,
            data: {
              requires_2fa: true,
              challenge_token: expect.stringMatching(/^[\w-]{43}$/),
              methods: ["totp", "backup_code"],
            },
            meta: expect.anything(),
          },
        ])
        const signedIn = yield* completeLogin(challenged.at("data.challenge_token"), {
          code: totpCode(secret, 1),
        })
        expect(signedIn.json).toMatchObject({ data: { token_type: "Bearer", user: { id: user.id } } })
        expect((yield* me(signedIn.at("data.access_token"))).status).toBe(200)
        const refreshed = yield* post("refresh", { refresh_token: signedIn.at("data.refresh_token") })
        expect(refreshed.status).toBe(200)
      }),
    options,
  )

  it.live(
    "rejects a code whose time step was used, by the enrollment too, and accepts the next",
    () =>
      Effect.gen(function* () {
        const user = yield* newProtectedUser
        const code = totpCode(user.secret, 1)
        const [first, second] = [yield* startLogin(user), yield* startLogin(user)]
        const attempts = yield* Effect.all(
          [first, second, first, second].map((challenge) => completeLogin(challenge, { code })),
          { concurrency: "unbounded" },
        )
        expect(attempts.filter(({ status }) => status === 200)).toHaveLength(1)
        expect(outcome(yield* completeLogin(yield* startLogin(user), { code }))).toEqual(wrongCode)

        const sql = yield* SqlClient.SqlClient
        yield* sql`update mfa_methods set last_step = last_step - 5 where user_id = ${user.id}`
        const later = { method: "totp", code: totpCode(user.secret) }
        expect((yield* completeLogin(yield* startLogin(user), later)).status).toBe(200)
      }),
    options,
  )

  it.live(
    "is proven once per challenge, within five minutes, five attempts and the same password",
    () =>
      Effect.gen(function* () {
        const user = yield* newProtectedUser
        const [a = "", b = "", c = "", d = "", e = ""] = user.backupCodes
        const used = yield* startLogin(user)
        expect((yield* completeLogin(used, { code: a })).status).toBe(200)
        expect(outcome(yield* completeLogin(used, { code: b }))).toEqual(invalidChallenge)
        expect(outcome(yield* completeLogin("unknown", { code: b }))).toEqual(invalidChallenge)

        const guessed = yield* startLogin(user)
        const wrong = { method: "totp", code: "000000" }
        const guesses = yield* Effect.all(
          Array.from({ length: 8 }, () => completeLogin(guessed, wrong)),
          {
            concurrency: "unbounded",
          },
        )
        const rejected = guesses.filter((guess) => outcome(guess)[1] === "INVALID_TWO_FACTOR_CODE")
        expect(rejected).toHaveLength(5)
        expect(outcome(yield* completeLogin(guessed, { code: c }))).toEqual(invalidChallenge)

        const sql = yield* SqlClient.SqlClient
        const expired = yield* startLogin(user)
        yield* sql`update mfa_challenges set expires_at = now() where user_id = ${user.id}`
        expect(outcome(yield* completeLogin(expired, { code: d }))).toEqual(invalidChallenge)

        const outdated = yield* startLogin(user)
        const app = yield* App
        const token = (yield* completeLogin(yield* startLogin(user), { code: e })).at("data.access_token")
        const body = { current_password: user.password, new_password: "An0ther-password" }
        expect((yield* app.request("PUT", "/api/auth/password", { token, body })).status).toBe(200)
        expect(outcome(yield* completeLogin(outdated, { code: b }))).toEqual(invalidChallenge)
      }),
    options,
  )

  it.live(
    "accepts each backup code once, however it is typed, also from several callers at once",
    () =>
      Effect.gen(function* () {
        const user = yield* newProtectedUser
        const [first = "", second = ""] = user.backupCodes
        const challenges = yield* Effect.replicateEffect(startLogin(user), 6)
        const attempts = yield* Effect.all(
          challenges.map((challenge) => completeLogin(challenge, { code: first })),
          { concurrency: "unbounded" },
        )
        expect(attempts.filter(({ status }) => status === 200)).toHaveLength(1)
        const typed = { method: "backup_code", code: ` ${second.toUpperCase()}\n` }
        const challenge = yield* startLogin(user)
        const [one, other] = yield* Effect.all(
          [completeLogin(challenge, typed), completeLogin(challenge, typed)],
          { concurrency: "unbounded" },
        )
        expect([one.status, other.status].sort()).toEqual([200, 401])
        const token = [one, other].find(({ status }) => status === 200)?.at("data.access_token") ?? ""
        const app = yield* App
        expect((yield* app.request("GET", "/v1/auth/2fa", { token })).json).toMatchObject({
          data: { backup_codes_left: 8 },
        })

        const { password } = user
        const replaced = listOf(yield* post("2fa/backup-codes", { password }, token), "backup_codes")
        const third = { code: user.backupCodes[2] }
        expect(outcome(yield* completeLogin(yield* startLogin(user), third))).toEqual(wrongCode)
        expect((yield* completeLogin(yield* startLogin(user), { code: replaced[0] })).status).toBe(200)
      }),
    options,
  )

  it.live(
    "is required by the sign-ins of all contracts, which return a challenge",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const { email, password, backupCodes } = yield* newProtectedUser
        const csrf = yield* app.request("GET", "/api/auth/csrf")
        const callback = app.request("POST", "/api/auth/callback/credentials", {
          raw: new URLSearchParams({
            json: "true",
            email,
            password,
            csrfToken: csrf.at("csrfToken"),
          }).toString(),
          headers: {
            cookie: csrf.headers.get("set-cookie")?.split(";", 1)[0] ?? "",
            "content-type": "application/x-www-form-urlencoded",
          },
        })
        const signIns = [
          app.request("POST", "/api/auth/login", { body: { email, password } }),
          app.request("POST", "/api/auth/signin", { body: { email, password } }),
          callback,
        ]
        for (const [index, signIn] of signIns.entries()) {
          const rejected = yield* signIn
          expect([rejected.status, rejected.json]).toMatchObject([
            403,
            { code: "TWO_FACTOR_REQUIRED", methods: ["totp", "backup_code"] },
          ])
          expect([rejected.cookie, rejected.text.includes("accessToken")]).toEqual([undefined, false])
          const completed = yield* completeLogin(rejected.at("challenge_token"), { code: backupCodes[index] })
          expect(completed.status).toBe(200)
        }
        expect((yield* callback).at("url")).toContain("/api/auth/error?error=TwoFactorRequired")
        const wrong = { email, password: "Wrong-Pass123" }
        for (const path of ["/api/auth/login", "/api/auth/signin", "/v1/auth/login"])
          expect((yield* app.request("POST", path, { body: wrong })).status).toBe(401)
      }),
    options,
  )

  it.live(
    "limits how many codes may be tried for an account, while its backup codes still work",
    () =>
      Effect.gen(function* () {
        const user = yield* newProtectedUser
        const [code = ""] = user.backupCodes
        const outcomes = yield* Effect.forEach(Array.from({ length: 7 }), () =>
          Effect.flatMap(startLogin(user), (challenge) =>
            Effect.replicateEffect(Effect.map(completeLogin(challenge, { code: "000000" }), outcome), 5),
          ),
        )
        expect(outcomes.flat()).toEqual([
          ...Array.from({ length: 30 }, () => wrongCode),
          ...Array.from({ length: 5 }, () => [429, "TOO_MANY_CODES"]),
        ])
        const challenge = yield* startLogin(user)
        const limited = yield* Effect.replicateEffect(
          completeLogin(challenge, { code: totpCode(user.secret, 1) }),
          6,
        )
        for (const response of limited)
          expect([outcome(response), response.headers.get("retry-after")]).toEqual([
            [429, "TOO_MANY_CODES"],
            expect.stringMatching(/^[1-9]\d*$/),
          ])
        expect((yield* completeLogin(challenge, { code })).status).toBe(200)
      }),
    options,
  )

  it.live(
    "is disabled with the password, after which the password alone signs in",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* newProtectedUser
        const { token, password } = user
        const disable = (method: string, body: object) =>
          app.request("DELETE", `/v1/auth/2fa/${method}`, { token, body })
        expect(outcome(yield* disable("totp", { password: "Wrong-Pass123" }))).toEqual([
          401,
          "WRONG_PASSWORD",
        ])
        expect(outcome(yield* disable("totp", {}))).toEqual([400, "VALIDATION_ERROR"])
        expect(outcome(yield* disable("email", { password }))).toEqual([404, "TWO_FACTOR_NOT_ENABLED"])
        const challenge = yield* startLogin(user)
        expect((yield* disable("totp", { password })).status).toBe(204)
        expect((yield* logIn(user)).at("data.access_token")).toBeString()
        expect(outcome(yield* completeLogin(challenge, { code: user.backupCodes[0] }))).toEqual(
          invalidChallenge,
        )
        const sql = yield* SqlClient.SqlClient
        const audited = yield* sql<{ action: string }>`
          select action from audit_log where admin_id = ${user.id} order by seq`
        expect(audited.map(({ action }) => action)).toEqual(["enable_two_factor", "disable_two_factor"])
        expect(outcome(yield* post("2fa/backup-codes", { password }, token))).toEqual([
          404,
          "TWO_FACTOR_NOT_ENABLED",
        ])
        const again = yield* enableTotp(user)
        expect([again.backupCodes.length, again.secret === user.secret]).toEqual([10, false])
      }),
    options,
  )

  it.live(
    "allows five attempts at an enrollment, which others cannot complete",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [user, other] = [yield* app.newUser(), yield* app.newUser()]
        const secret = (yield* post("2fa/totp", { password: user.password }, user.token)).at("data.secret")
        const verify = (token: string, code: string) =>
          Effect.map(post("2fa/totp/verify", { code }, token), outcome)
        const missing = [404, "TWO_FACTOR_ENROLLMENT_NOT_FOUND"]
        expect(yield* verify(other.token, totpCode(secret))).toEqual(missing)
        for (let attempt = 0; attempt < 5; attempt++)
          expect(yield* verify(user.token, "wrong!")).toEqual(wrongCode)
        expect(yield* verify(user.token, totpCode(secret))).toEqual(missing)
        expect((yield* logIn(user)).at("data.access_token")).toBeString()
      }),
    options,
  )

  it.live(
    "enables one method once for several callers, and stores no secret or code in clear",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { token, password } = user
        const secret = (yield* post("2fa/totp", { password }, token)).at("data.secret")
        const code = totpCode(secret)
        const verified = yield* Effect.all(
          Array.from({ length: 4 }, () => post("2fa/totp/verify", { code }, token)),
          { concurrency: "unbounded" },
        )
        const [success, ...more] = verified.filter(({ status }) => status === 200)
        expect([success?.status, more]).toEqual([200, []])
        const sql = yield* SqlClient.SqlClient
        const rows = yield* sql<{ row: string }>`
        select m::text as row from mfa_methods m union all select b::text from backup_codes b
        union all select e::text from mfa_enrollments e`
        const stored = rows.map(({ row }) => row).join()
        expect(stored).toContain(user.id)
        const codes = success === undefined ? [] : listOf(success, "backup_codes")
        for (const clear of [secret, ...codes]) expect(stored).not.toContain(clear)
      }),
    options,
  )
})
