import { expect } from "bun:test"
import { Context, Effect, Layer, Queue, type Scope } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer, it as standalone } from "../../support/it"
import { startMailServer } from "../../support/MailServer"
import { completeLogin, listOf, logIn, outcome, post, startLogin } from "./twoFactorFixtures"

interface Message {
  readonly to: string
  readonly text: string
}

/** Starts the webhook of a provider of text messages, which requires credentials and rejects one number. */
const startSmsProvider = Effect.gen(function* () {
  const messages = yield* Queue.unbounded<Message>()
  const serve = async (request: Request) => {
    const message = (await request.json()) as Message
    const credentials = `Basic ${Buffer.from("parley:p@ss").toString("base64")}`
    if (request.method !== "POST" || request.headers.get("authorization") !== credentials)
      return new Response(null, { status: 401 })
    if (message.to === "+4900000000") return new Response(JSON.stringify(message), { status: 400 })
    Queue.unsafeOffer(messages, message)
    return new Response(null, { status: 202 })
  }
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: serve })),
    (server) => Effect.promise(() => server.stop(true)),
  )
  return { url: `http://parley:p%40ss@127.0.0.1:${server.port}/send`, messages }
})

class Providers extends Context.Tag("test/Providers")<
  Providers,
  {
    readonly sms: Effect.Effect.Success<typeof startSmsProvider>
    readonly mail: Effect.Effect.Success<ReturnType<typeof startMailServer>>
  }
>() {
  static readonly layer: Layer.Layer<Providers> = Layer.scoped(
    this,
    Effect.all({ sms: startSmsProvider, mail: startMailServer() }) as Effect.Effect<
      Context.Tag.Service<typeof Providers>,
      never,
      Scope.Scope
    >,
  )
}

const appLayer = Layer.unwrapEffect(
  Effect.map(Providers, ({ sms, mail }) =>
    Server.layer({
      SMS_WEBHOOK_URL: sms.url,
      SMTP_URL: mail.url,
      PUBLIC_URL: "https://chat.example.com",
      RATE_LIMIT_AUTH_PER_MIN: "1000",
    }),
  ),
).pipe(Layer.provideMerge(Providers.layer))

const codeIn = (text: string) => /\b\d{6}\b/.exec(text)?.[0] ?? ""

/** Waits for the next text message to this number and returns its code. */
const textedCode = (phone: string) =>
  Effect.flatMap(Providers, ({ sms }) =>
    Queue.take(sms.messages).pipe(
      Effect.repeat({ until: ({ to }) => to === phone }),
      Effect.map(({ text }) => codeIn(text)),
    ),
  )

/** Waits for the next mail with a code to this address and returns the code. */
const mailedCode = (email: string) =>
  Effect.flatMap(Providers, ({ mail }) =>
    Queue.take(mail.mails).pipe(
      Effect.repeat({ until: ({ subject, to }) => subject === "Your code" && to?.[0]?.address === email }),
      Effect.map(({ text }) => codeIn(text ?? "")),
    ),
  )

layer(appLayer)("Codes as a second factor", (it) => {
  it.live(
    "are sent by text message, and each is valid for its sign-in only",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { password, token } = user
        const phone = "+4915112345678"
        for (const invalid of ["0151 12345678", "+0151", "+49 151 12345678", "+49151123456789012"])
          expect(outcome(yield* post("2fa/sms", { password, phone: invalid }, token))).toEqual([
            400,
            "VALIDATION_ERROR",
          ])
        const unreachable = yield* post("2fa/sms", { password, phone: "+4900000000" }, token)
        expect([outcome(unreachable), unreachable.text.includes("4900000000")]).toEqual([
          [503, "SMS_FAILED"],
          false,
        ])
        const started = yield* post("2fa/sms", { password, phone }, token)
        expect(started.at("data.destination")).toBe("+49***78")
        const enrolled = yield* post("2fa/sms/verify", { code: yield* textedCode(phone) }, token)
        const backupCodes = listOf(enrolled, "backup_codes")
        expect([enrolled.status, backupCodes.length]).toEqual([200, 10])
        const listed = yield* app.request("GET", "/v1/auth/2fa", { token })
        expect(listed.json).toMatchObject({
          data: {
            methods: [{ method: "sms", destination: "+49***78" }],
            available: ["totp", "sms", "email", "webauthn"],
          },
        })

        const [first, second] = [yield* startLogin(user), yield* startLogin(user)]
        const send = (challenge_token: string, method: string) =>
          post("login/2fa/send", { challenge_token, method })
        expect(outcome(yield* send(first, "email"))).toEqual([404, "TWO_FACTOR_NOT_ENABLED"])
        expect(outcome(yield* send(first, "totp"))).toEqual([400, "VALIDATION_ERROR"])
        expect(outcome(yield* send("unknown", "sms"))).toEqual([401, "INVALID_CHALLENGE"])
        expect((yield* send(first, "sms")).json).toMatchObject({
          data: { method: "sms", destination: "+49***78", options: null },
        })
        const replaced = yield* textedCode(phone)
        yield* send(first, "sms")
        const code = yield* textedCode(phone)
        yield* send(second, "sms")
        const other = yield* textedCode(phone)
        const wrong = [401, "INVALID_TWO_FACTOR_CODE"]
        if (replaced !== code) expect(outcome(yield* completeLogin(first, { code: replaced }))).toEqual(wrong)
        if (other !== code) expect(outcome(yield* completeLogin(first, { code: other }))).toEqual(wrong)
        expect(outcome(yield* completeLogin(first, { method: "email", code }))).toEqual(wrong)
        const both = yield* Effect.all([completeLogin(first, { code }), completeLogin(first, { code })], {
          concurrency: "unbounded",
        })
        expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
        expect((yield* completeLogin(second, { method: "sms", code: other })).status).toBe(200)
      }),
    { timeout: 120_000 },
  )

  it.live(
    "are mailed to the account's address, beside other methods, at most five an hour to one phone",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { email, password, token } = user
        expect((yield* post("2fa/email", { password }, token)).at("data.destination")).toBe(
          "u***@example.com",
        )
        const enrolled = yield* post("2fa/email/verify", { code: yield* mailedCode(email) }, token)
        expect(listOf(enrolled, "backup_codes")).toHaveLength(10)
        const { mail } = yield* Providers
        const notice = yield* Effect.repeat(Queue.take(mail.mails), {
          until: ({ subject }) => subject === "Your second factor",
        })
        expect([notice.to?.[0]?.address, notice.text]).toEqual([
          email,
          expect.stringContaining("codes by mail"),
        ])
        const phone = "+15550001111"
        yield* post("2fa/sms", { password, phone }, token)
        const second = yield* post("2fa/sms/verify", { code: yield* textedCode(phone) }, token)
        expect([second.status, listOf(second, "backup_codes")]).toEqual([200, []])

        const login = yield* logIn(user)
        const challenge_token = login.at("data.challenge_token")
        expect(listOf(login, "methods")).toEqual(["email", "sms", "backup_code"])
        const send = (method: string) => post("login/2fa/send", { challenge_token, method })
        expect((yield* send("email")).at("data.destination")).toBe("u***@example.com")
        const code = yield* mailedCode(email)
        expect((yield* completeLogin(challenge_token, { method: "email", code })).status).toBe(200)

        const next = yield* startLogin(user)
        const sends = yield* Effect.replicateEffect(
          Effect.map(post("login/2fa/send", { challenge_token: next, method: "sms" }), outcome),
          8,
        )
        expect(sends).toEqual([
          ...Array.from({ length: 4 }, () => [200]),
          ...Array.from({ length: 4 }, () => [429, "TOO_MANY_CODES"]),
        ])
      }),
    { timeout: 120_000 },
  )
})

standalone.live("Text messages are neither offered nor sent without a provider of them", () =>
  Effect.gen(function* () {
    const app = yield* App
    const { password, token } = yield* app.newUser()
    const body = { password, phone: "+4915112345678" }
    expect(outcome(yield* post("2fa/sms", body, token))).toEqual([422, "TWO_FACTOR_METHOD_UNAVAILABLE"])
  }).pipe(Effect.provide(Server.layer())),
)
