import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type RequestOptions, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const allowedOrigin = "https://chat.example.com"
const formType = { "content-type": "application/x-www-form-urlencoded" }

/** Gets a CSRF token with its cookie. */
const newCsrf = Effect.gen(function* () {
  const response = yield* (yield* App).request("GET", "/api/auth/csrf")
  const cookie = /^[^;]+/.exec(response.headers.get("set-cookie") ?? "")?.[0] ?? ""
  return { token: response.at("csrfToken"), cookie, response }
})

/** Submits a form, by default as NextAuth's client does. */
const submit = (
  path: "callback/credentials" | "signout",
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) =>
  Effect.flatMap(App, (app) =>
    app.request("POST", `/api/auth/${path}`, {
      raw: new URLSearchParams({ json: "true", ...fields }).toString(),
      headers: { ...formType, ...headers },
    }),
  )

/** Submits credentials with a valid CSRF token. */
const signIn = (fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const { token, cookie } = yield* newCsrf
    return yield* submit("callback/credentials", { csrfToken: token, ...fields }, { cookie, ...headers })
  })

const credentials = ({ email, password }: TestUser) => ({ email, password })

const sessionOf = (cookie: string | undefined) =>
  Effect.flatMap(App, (app) =>
    app.request("GET", "/api/auth/session", cookie === undefined ? {} : { cookie }),
  )

layer(Server.layer({ CORS_ORIGINS: allowedOrigin }))("NextAuth", (it) => {
  it.live("creates a session for a form, reads and extends it, and revokes it", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token, cookie, response } = yield* newCsrf
      expect([response.status, response.json]).toEqual([200, { csrfToken: token }])
      expect(response.headers.get("set-cookie")).toMatch(
        /^parley_csrf=[\w-]{43}\.[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
      )
      const again = yield* app.request("GET", "/api/auth/csrf", { headers: { cookie } })
      expect([again.at("csrfToken"), again.headers.get("set-cookie")]).toEqual([token, null])

      expect((yield* sessionOf(undefined)).json).toEqual({})
      const signedIn = yield* submit(
        "callback/credentials",
        { csrfToken: token, callbackUrl: "/chat", ...credentials(user) },
        { cookie },
      )
      expect([signedIn.status, signedIn.json]).toEqual([200, { url: `${app.url}/chat` }])
      expect(signedIn.headers.get("set-cookie")).toMatch(
        /^parley_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
      )

      const sql = yield* SqlClient.SqlClient
      yield* sql`update sessions set expires_at = now() + interval '1 hour' where user_id = ${user.id}`
      const session = yield* sessionOf(signedIn.cookie)
      expect([session.status, session.json]).toEqual([
        200,
        {
          user: { id: user.id, email: user.email, name: "John Doe", image: null },
          expires: session.at("expires"),
        },
      ])
      expect(Date.parse(session.at("expires")) - Date.now()).toBeGreaterThan(29.9 * 86_400_000)
      expect(session.cookie).toBe(signedIn.cookie)
      const updated = yield* app.request("POST", "/api/auth/session", {
        cookie: signedIn.cookie ?? "",
        body: { csrfToken: token, data: { theme: "dark" } },
      })
      expect([updated.status, updated.json]).toEqual([200, session.json])

      const both = `${cookie}; parley_session=${signedIn.cookie}`
      const signedOut = yield* submit("signout", { csrfToken: token, callbackUrl: "/" }, { cookie: both })
      expect([signedOut.status, signedOut.json]).toEqual([200, { url: `${app.url}/` }])
      expect(signedOut.headers.get("set-cookie")).toMatch(/^parley_session=; Max-Age=0;/)
      expect((yield* sessionOf(signedIn.cookie)).json).toEqual({})
    }),
  )

  it.live("creates no session without the CSRF token of the browser, and ends none", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const [one, other] = yield* Effect.all([newCsrf, newCsrf])
      const forged = `parley_csrf=${one.token}.${other.cookie.split(".")[1]}`
      const cases: ReadonlyArray<readonly [csrf: Record<string, string>, headers: Record<string, string>]> = [
        [{}, {}],
        [{}, { cookie: one.cookie }],
        [{ csrfToken: one.token }, {}],
        [{ csrfToken: one.token }, { cookie: other.cookie }],
        [{ csrfToken: one.token }, { cookie: forged }],
        [{ csrfToken: one.token }, { cookie: `parley_csrf=${one.token}` }],
        [{ csrfToken: "" }, { cookie: "parley_csrf=." }],
      ]
      for (const [csrf, headers] of cases) {
        const signedIn = yield* submit("callback/credentials", { ...csrf, ...credentials(user) }, headers)
        expect([signedIn.status, signedIn.json]).toEqual([
          200,
          { url: `${app.url}/api/auth/signin?csrf=true` },
        ])
        expect(signedIn.headers.get("set-cookie")).toBeNull()
        const cookie = [headers.cookie, `parley_session=${user.cookie}`].filter(Boolean).join("; ")
        const signedOut = yield* submit("signout", csrf, { cookie })
        expect([signedOut.status, signedOut.json]).toEqual([
          200,
          { url: `${app.url}/api/auth/signout?csrf=true` },
        ])
      }
      expect((yield* sessionOf(user.cookie)).json).toMatchObject({ user: { id: user.id } })
    }),
  )

  it.live("rejects wrong credentials, banned accounts and malformed forms", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, banned, admin] = yield* Effect.all([app.newUser(), app.newUser(), app.newAdmin()])
      yield* app.request("PUT", `/api/admin/users/${banned.id}/ban`, {
        token: admin.token,
        body: { reason: "Spam" },
      })
      const wrong = [
        { ...credentials(user), password: "wrong" },
        { email: "nobody@example.com", password: "wrong" },
        { email: "\u0000", password: "x" },
        { email: user.email },
        {},
      ]
      for (const fields of wrong) {
        const response = yield* signIn({ callbackUrl: "/chat", ...(fields as Record<string, string>) })
        expect([response.status, response.at("code"), response.cookie]).toEqual([
          401,
          "INVALID_CREDENTIALS",
          undefined,
        ])
        const url = new URL(response.at("url"))
        expect([url.origin + url.pathname, ...url.searchParams]).toEqual([
          `${app.url}/api/auth/signin`,
          ["error", "CredentialsSignin"],
          ["callbackUrl", `${app.url}/chat`],
        ])
      }
      const rejected = yield* signIn(credentials(banned))
      expect([rejected.status, rejected.json]).toMatchObject([
        403,
        { code: "ACCOUNT_BANNED", url: `${app.url}/api/auth/error?error=AccessDenied` },
      ])
      expect(rejected.cookie).toBeUndefined()
      expect(
        (yield* app.request("POST", "/api/auth/callback/github", { raw: "", headers: formType })).status,
      ).toBe(404)
    }),
  )

  it.live("gives every other error a URL of the sign-in page, which NextAuth's client needs", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const user = yield* app.newUser()
      const post = (options: RequestOptions) => app.request("POST", "/api/auth/callback/credentials", options)
      const withoutUsers = Effect.acquireUseRelease(
        sql`alter table users rename to missing_users`,
        () => signIn(credentials(user)),
        () => Effect.orDie(sql`alter table missing_users rename to users`),
      )
      const failures = [
        [post({ raw: "email=a&email=b", headers: formType }), 400, "VALIDATION_ERROR"],
        [post({ raw: new Uint8Array([0xff]), headers: formType }), 400, "MALFORMED_FORM"],
        [post({ raw: `email=${"a".repeat(1_100_000)}`, headers: formType }), 413, "PAYLOAD_TOO_LARGE"],
        [post({ body: credentials(user) }), 415, "UNSUPPORTED_MEDIA_TYPE"],
        [withoutUsers, 500, "INTERNAL_ERROR"],
      ] as const
      for (const [request, status, code] of failures) {
        const response = yield* request
        expect([response.status, response.json]).toMatchObject([
          status,
          { code, requestId: expect.any(String), url: `${app.url}/api/auth/signin?error=${code}` },
        ])
        expect(response.headers.get("content-length")).toBe(`${Buffer.byteLength(response.text)}`)
      }
      const headers = { ...formType, origin: allowedOrigin }
      const elsewhere = yield* post({ raw: "email=a&email=b", headers })
      expect(elsewhere.at("url")).toBe(`${allowedOrigin}/api/auth/signin?error=VALIDATION_ERROR`)
    }),
  )

  it.live("redirects browsers that submit the form themselves", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const [{ token, cookie }, html] = [yield* newCsrf, { json: "false" }]
      const right = yield* signIn({ ...credentials(user), ...html, callbackUrl: "/chat" })
      expect([right.status, right.headers.get("location")]).toEqual([303, `${app.url}/chat`])
      expect(right.cookie).toMatch(/^[\w-]{43}$/)
      const wrong = yield* signIn({ email: user.email, password: "wrong", ...html })
      expect([wrong.status, wrong.headers.get("location")]).toEqual([
        303,
        `${app.url}/api/auth/signin?error=CredentialsSignin&callbackUrl=${encodeURIComponent(`${app.url}/`)}`,
      ])
      const out = yield* submit("signout", { csrfToken: token, ...html }, { cookie })
      expect([out.status, out.headers.get("location")]).toEqual([303, `${app.url}/`])
    }),
  )

  it.live("sends users only to this server and to allowed origins", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const here = `${app.url}/`
      const cases: ReadonlyArray<readonly [callbackUrl: string, url: string, origin?: string]> = [
        ["/chat?x=1#y", `${here}chat?x=1#y`],
        ["/chat", `${allowedOrigin}/chat`, allowedOrigin],
        ["/chat", `${here}chat`, "https://evil.example"],
        [`${here}chat`, `${here}chat`],
        [`${allowedOrigin}/chat`, `${allowedOrigin}/chat`],
        ["https://evil.example/", here],
        [`${allowedOrigin}.evil.example/`, here],
        [`${allowedOrigin}@evil.example/`, here],
        [`https://user:password@chat.example.com/`, here],
        ["http://chat.example.com/", here],
        ["//evil.example", here],
        ["/\\evil.example", here],
        ["\\\\evil.example", here],
        ["/\t/evil.example", here],
        ["javascript:alert(1)", here],
        ["data:text/html,x", here],
        ["https://", here],
        ["", here],
      ]
      for (const [callbackUrl, url, origin] of cases) {
        const headers = origin === undefined ? undefined : { origin }
        const signedIn = yield* signIn({ ...credentials(user), callbackUrl }, headers)
        expect([callbackUrl, signedIn.json]).toEqual([callbackUrl, { url }])
      }
    }),
  )

  it.live("shows pages for signing in and out, and for errors, without scripts", () =>
    Effect.gen(function* () {
      const app = yield* App
      const page = (path: string) => app.request("GET", `/api/auth/${path}`)
      const attack = encodeURIComponent(`"><script>alert(1)</script>`)
      const pages = yield* Effect.all([
        page(`signin?callbackUrl=${attack}`),
        page("signin/credentials?error=CredentialsSignin"),
        page("signin?csrf=true"),
        page("signout"),
        page(`error?error=${attack}`),
        page("error?error=AccessDenied"),
      ])
      expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 403])
      for (const { text, headers } of pages) {
        expect(text).not.toContain("<script")
        expect(headers.toJSON()).toMatchObject({
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
          "x-frame-options": "DENY",
        })
      }
      const [signInPage, wrong, rejected, signOutPage, error, denied] = pages.map(({ text }) => text)
      expect(signInPage).toContain('<form method="post" action="/api/auth/callback/credentials">')
      expect(signInPage).toContain('value="&quot;&gt;&lt;script&gt;')
      expect(signInPage).not.toContain('role="alert">')
      expect(wrong).toContain('role="alert">The email address or the password is wrong.')
      expect(rejected).toContain('role="alert">The form was out of date.')
      expect(signOutPage).toContain('<form method="post" action="/api/auth/signout">')
      expect(error).toContain("Signing in failed.")
      expect(denied).toContain("This account may not sign in.")
      const policy = pages[0]?.headers.get("content-security-policy")
      expect(policy).toContain(`form-action 'self' ${allowedOrigin};`)
    }),
  )
})

layer(Server.layer({ PUBLIC_URL: "https://parley.example.com", RATE_LIMITS: "on" }))(
  "NextAuth behind https",
  (it) => {
    it.live("marks its cookies Secure, and limits attempts together with other ways to sign in", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { response } = yield* newCsrf
        expect(response.headers.get("set-cookie")).toMatch(/^__Host-parley_csrf=.*; Path=\/;.*; Secure(;|$)/)
        const signedIn = yield* signIn(credentials(user))
        expect(signedIn.json).toEqual({ url: "https://parley.example.com/" })
        expect(signedIn.headers.get("set-cookie")).toMatch(/^parley_session=.*; Secure(;|$)/)
        for (let attempt = 0; attempt < 2; attempt++) {
          yield* signIn({ email: user.email, password: "wrong" })
          yield* app.request("POST", "/api/auth/login", { body: { email: user.email, password: "wrong" } })
        }
        const limited = yield* signIn(credentials(user))
        expect([limited.status, limited.json, limited.headers.get("x-ratelimit-limit")]).toMatchObject([
          429,
          { code: "RATE_LIMITED", url: "https://parley.example.com/api/auth/signin?error=RATE_LIMITED" },
          "5",
        ])
        expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0)
      }),
    )
  },
)
