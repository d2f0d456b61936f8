import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import type { Page } from "playwright-core"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { browserTest, launchBrowser } from "../../support/Browser"
import { layer } from "../../support/it"
import { completeLogin, logIn, outcome, startLogin } from "./twoFactorFixtures"

/** A front end on two origins, of which the server knows the first. Keys belong to names, not to addresses. */
class FrontEnd extends Context.Tag("test/WebAuthnFrontEnd")<
  FrontEnd,
  { readonly origin: string; readonly foreignOrigin: string }
>() {
  static readonly layer = Layer.scoped(
    this,
    Effect.gen(function* () {
      const script = Bun.file(new URL("programs/webAuthnPage.js", import.meta.url))
      const html = '<!doctype html><link rel="icon" href="data:,"><body><script src="/page.js"></script>'
      const serve = ({ url }: Request) =>
        new URL(url).pathname === "/page.js"
          ? new Response(script, { headers: { "content-type": "text/javascript; charset=utf-8" } })
          : new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } })
      const start = Effect.acquireRelease(
        Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: serve })),
        (server) => Effect.promise(() => server.stop(true)),
      )
      const [known, foreign] = [yield* start, yield* start]
      return {
        origin: `http://localhost:${known.port}`,
        foreignOrigin: `http://localhost:${foreign.port}`,
      }
    }),
  )
}

const appLayer = Layer.unwrapEffect(
  Effect.map(FrontEnd, ({ origin }) =>
    Server.layer({ CORS_ORIGINS: origin, RATE_LIMIT_AUTH_PER_MIN: "1000" }),
  ),
).pipe(Layer.provideMerge(FrontEnd.layer))

/** Opens the front end in a browser with a security key that its user touches at once. */
const openPage = Effect.gen(function* () {
  const browser = yield* launchBrowser()
  const context = yield* Effect.promise(() => browser.newContext())
  const page = yield* Effect.promise(() => context.newPage())
  const devTools = yield* Effect.promise(() => context.newCDPSession(page))
  yield* Effect.promise(() => devTools.send("WebAuthn.enable"))
  const options = {
    protocol: "ctap2",
    transport: "usb",
    hasResidentKey: false,
    hasUserVerification: false,
    automaticPresenceSimulation: true,
  } as const
  const addKey = Effect.promise(() => devTools.send("WebAuthn.addVirtualAuthenticator", { options }))
  const removeKey = (authenticatorId: string) =>
    Effect.promise(() => devTools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }))
  const { authenticatorId } = yield* addKey
  return { page, addKey, removeKey: removeKey(authenticatorId) }
})

const call = <A>(page: Page, name: string, input: object): Effect.Effect<A> =>
  Effect.promise(() => page.evaluate<A>(`${name}(${JSON.stringify(input)})`))

interface Registered {
  readonly status: number
  readonly data: { readonly backup_codes: ReadonlyArray<string> }
}

layer(appLayer)("A security key in Chromium", (it) => {
  it.live(
    "is registered and then required by an allowed page, and proves each challenge once",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const { origin } = yield* FrontEnd
        const user = yield* app.newUser()
        const { password, token } = user
        const { page, addKey, removeKey } = yield* openPage
        yield* Effect.promise(() => page.goto(origin))
        const api = app.url
        const registered = yield* call<Registered>(page, "register", { api, token, password })
        expect([registered.status, registered.data.backup_codes.length]).toEqual([200, 10])

        const challenge_token = (yield* logIn(user)).at("data.challenge_token")
        const other = yield* startLogin(user)
        const assertion = yield* call<object>(page, "prove", { api, challenge_token })
        const wrong = [401, "INVALID_TWO_FACTOR_CODE"]
        expect(outcome(yield* completeLogin(other, { assertion }))).toEqual(wrong)
        const attempts = yield* Effect.all(
          [completeLogin(challenge_token, { assertion }), completeLogin(challenge_token, { assertion })],
          { concurrency: "unbounded" },
        )
        expect(attempts.map(({ status }) => status).sort()).toEqual([200, 401])

        const tampered = yield* call<{ readonly response: object }>(page, "prove", {
          api,
          challenge_token: other,
        })
        const forged = { ...tampered, response: { ...tampered.response, signature: "AAAA" } }
        expect(outcome(yield* completeLogin(other, { assertion: forged }))).toEqual(wrong)
        expect(outcome(yield* completeLogin(other, { assertion: { id: "x" } }))).toEqual([
          400,
          "VALIDATION_ERROR",
        ])
        const sql = yield* SqlClient.SqlClient
        yield* sql`update webauthn_credentials set counter = counter + 1000 where user_id = ${user.id}`
        expect(outcome(yield* completeLogin(other, { assertion: tampered }))).toEqual(wrong)
        yield* sql`update webauthn_credentials set counter = counter - 1000 where user_id = ${user.id}`
        expect((yield* completeLogin(other, { assertion: tampered })).status).toBe(200)

        yield* removeKey
        yield* addKey
        const second = yield* call<Registered>(page, "register", { api, token, password })
        expect([second.status, second.data.backup_codes]).toEqual([200, []])
        const by = yield* startLogin(user)
        const secondAssertion = yield* call<object>(page, "prove", { api, challenge_token: by })
        expect((yield* completeLogin(by, { assertion: secondAssertion })).status).toBe(200)
      }),
    browserTest,
  )

  it.live(
    "signs nothing that counts at a page of another origin",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const { foreignOrigin } = yield* FrontEnd
        const user = yield* app.newUser()
        const body = { password: user.password }
        const requestOptions = app.request("POST", "/v1/auth/2fa/webauthn/options", {
          token: user.token,
          body,
          headers: { origin: foreignOrigin, host: new URL(app.url).host.replace("127.0.0.1", "localhost") },
        })
        const options = JSON.stringify((yield* requestOptions).json)
        const { page } = yield* openPage
        yield* Effect.promise(() => page.goto(foreignOrigin))
        const attestation = yield* Effect.promise(() =>
          page.evaluate<object>(`(async () => {
            const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${options}.data)
            return (await navigator.credentials.create({ publicKey })).toJSON()
          })()`),
        )
        const verified = yield* app.request("POST", "/v1/auth/2fa/webauthn/verify", {
          token: user.token,
          body: { attestation },
        })
        expect(outcome(verified)).toEqual([401, "INVALID_TWO_FACTOR_CODE"])
        expect((yield* logIn(user)).at("data.access_token")).toBeString()
      }),
    browserTest,
  )
})
