import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)

layer(Server.layer())("ChatGuide authentication", (it) => {
  it.live("signs up and signs in with the password of the document's example", () =>
    Effect.gen(function* () {
      const app = yield* App
      const body = { email: "Jane@Example.com", password: "yourPassword", fullName: "Jane Doe" }
      const answer = yield* app.request("POST", "/api/auth/signup", { body })
      expect(answer.status).toBe(201)
      const id = answer.at("data.user.id")
      expect(answer.json).toEqual({
        data: {
          user: {
            id: uuid,
            email: "jane@example.com",
            email_confirmed_at: time,
            created_at: time,
            user_metadata: { fullName: "Jane Doe" },
          },
          dbUser: { id, supabaseId: id, email: "jane@example.com", fullName: "Jane Doe" },
          message: "Sign up successful. Please check your email to verify your account.",
        },
        statusCode: 201,
        timestamp: time,
      })
      const again = yield* app.request("POST", "/api/auth/signup", {
        body: { ...body, email: " jane@example.COM " },
      })
      expect(again.status).toBe(409)
      expect(again.json).toEqual({
        error: "An account with this email address already exists.",
        message: "An account with this email address already exists.",
        code: "EMAIL_TAKEN",
        statusCode: 409,
        timestamp: time,
        requestId: again.headers.get("x-request-id"),
      })
      const signedIn = yield* app.request("POST", "/api/auth/signin", {
        body: { email: "JANE@example.com", password: "yourPassword" },
      })
      expect(signedIn.status).toBe(200)
      expect(signedIn.json).toEqual({
        data: {
          accessToken: expect.any(String),
          refreshToken: expect.any(String),
          user: {
            id,
            email: "jane@example.com",
            email_confirmed_at: time,
            created_at: time,
            user_metadata: { fullName: "Jane Doe" },
          },
        },
        statusCode: 200,
        timestamp: time,
      })
      expect(signedIn.headers.get("set-cookie")).toMatch(
        /^parley_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
      )
    }),
  )

  it.live("rejects a wrong password and an unknown email with the same error", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const signIn = (email: string, password: string) =>
        app.request("POST", "/api/auth/signin", { body: { email, password } })
      const answers = yield* Effect.all([signIn(user.email, "wrong"), signIn("unknown@example.com", "wrong")])
      for (const answer of answers) {
        expect(answer.status).toBe(401)
        expect(answer.json).toMatchObject({ code: "INVALID_CREDENTIALS", statusCode: 401, timestamp: time })
        expect(answer.headers.get("set-cookie")).toBeNull()
      }
      expect(answers[0]?.at("error")).toBe(answers[1]?.at("error") ?? "")
    }),
  )

  it.live("updates the full name in the profile and at /api/auth/me", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id, email } = yield* app.newUser()
      const answer = yield* app.request("PATCH", "/api/auth/me", { token, body: { fullName: "  Jané Doe " } })
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual({
        data: {
          id,
          email,
          emailVerified: true,
          emailVerifiedAt: time,
          fullName: "Jané Doe",
          metadata: { fullName: "Jané Doe" },
          dbUser: { id, supabaseId: id, email, emailVerified: true, fullName: "Jané Doe", createdAt: time },
        },
        statusCode: 200,
        timestamp: time,
      })
      const me = yield* app.request("GET", "/api/auth/me", { token })
      expect(me.json).toMatchObject({ profile: { display_name: "Jané Doe" } })
    }),
  )

  it.live("reports all invalid fields together without repeating their values", () =>
    Effect.gen(function* () {
      const app = yield* App
      const body = { email: "not-an-address", password: "short", fullName: 5 }
      const answer = yield* app.request("POST", "/api/auth/signup", { body })
      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject({
        code: "VALIDATION_ERROR",
        fields: [
          { field: "email", message: "must be a valid email address" },
          { field: "password", message: "must be at least 8 characters" },
          { field: "fullName", message: "must be a string" },
        ],
      })
    }),
  )
})
