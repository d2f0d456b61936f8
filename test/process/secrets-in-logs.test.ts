import { expect } from "bun:test"
import { Effect, Queue } from "effect"
import { makeClient } from "../support/App"
import { it } from "../support/it"
import { startMailServer } from "../support/MailServer"
import { Provider } from "../support/ScriptedProvider"
import { answer, disconnect, exactAnswer, raw, status } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"

/** Secrets whose values cannot occur in anything else that is logged. */
const secrets = {
  adminPassword: "Adm1n-only-the-owner-knows",
  password: "Us3r-only-jane-knows",
  newPassword: "Us3r-only-jane-knows-now",
  wrongPassword: "Wr0ng-guess-of-an-attacker",
  providerKey: "sk-only-the-provider-knows",
  ownKey: "key-only-jane-and-the-provider-know",
  jwtSecret: "only-the-server-knows-what-signs-its-tokens",
  metricsToken: "only-prometheus-knows",
  prompt: "only-the-model-may-know",
  invited: "only-the-invited-knows",
}

/** Error responses of a provider, some of which quote the API key. */
const providerErrors = [
  status(401, {
    error: { message: `Incorrect API key provided: ${secrets.providerKey}`, code: "invalid_api_key" },
  }),
  status(500, `<html>${secrets.providerKey}</html>`),
  status(429),
  status(400, { error: { message: `Bearer ${secrets.providerKey} is not allowed`, code: "nope" } }),
  answer("Half", disconnect),
  exactAnswer(raw(`data: {"error":{"message":"key ${secrets.providerKey} is out of money"}}\n\n`)),
]

it.live(
  "A server at log level all logs a line per request and no secrets",
  () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const database = yield* databaseEnv
      const mailServer = yield* startMailServer([550])
      const server = yield* startServer({
        ...database,
        LOG_LEVEL: "all",
        JWT_SECRET: secrets.jwtSecret,
        ADMIN_EMAIL: "admin@example.com",
        ADMIN_PASSWORD: secrets.adminPassword,
        OPENAI_BASE_URL: provider.url,
        OPENAI_API_KEY: secrets.providerKey,
        DEFAULT_MODEL: "openai/scripted",
        SMTP_URL: mailServer.url,
        PUBLIC_URL: `https://${secrets.invited}.example`,
        METRICS: "on",
        METRICS_TOKEN: secrets.metricsToken,
      })
      const client = makeClient(server.url)
      const { request: send } = client
      const email = "admin@example.com"
      const admin = yield* send("POST", "/api/auth/login", {
        body: { email, password: secrets.adminPassword },
      })
      expect(admin.status).toBe(200)
      const jane = yield* client.newUser({ password: secrets.password })
      const wrongCredentials = { email: jane.email, password: secrets.wrongPassword }
      expect((yield* send("POST", "/api/auth/login", { body: wrongCredentials })).status).toBe(401)
      expect((yield* send("POST", "/api/auth/signin", { body: wrongCredentials })).status).toBe(401)
      yield* send("POST", "/api/auth/signup", {
        body: { email: "no address", password: secrets.wrongPassword },
      })
      yield* send("POST", "/api/auth/login", { raw: `{"password":"${secrets.wrongPassword}`, headers: json })
      yield* send("GET", "/api/auth/me", { cookie: jane.cookie })
      yield* send("GET", "/api/auth/me", { token: `${jane.token}x` })
      yield* send("GET", `/api/auth/me?token=${jane.token}`)
      const renewed = yield* send("POST", "/api/auth/refresh", { body: { refreshToken: jane.refreshToken } })
      yield* send("POST", "/api/auth/refresh", { body: { refreshToken: jane.refreshToken } })
      const again = yield* send("POST", "/api/auth/login", { body: jane })
      const token = again.at("token")
      const passwords = { current_password: secrets.password, new_password: secrets.newPassword }
      yield* send("PUT", "/api/auth/password", { token, body: passwords })
      yield* send("GET", "/metrics", { token: secrets.metricsToken })

      const organization = yield* send("POST", "/api/organizations", { token, body: { name: "Engines" } })
      for (const address of [`${secrets.invited}@example.com`, "guest@example.com"]) {
        const path = `/api/organizations/${organization.at("organization.id")}/invites`
        const invite = yield* send("POST", path, { token, body: { email: address } })
        expect(invite.status).toBe(201)
      }
      expect((yield* Queue.take(mailServer.mails)).to).toMatchObject([{ address: "guest@example.com" }])

      const currentUser = { ...jane, token }
      const chat = yield* client.newChat(currentUser)
      yield* provider.script(...providerErrors)
      for (const providerError of providerErrors) {
        const response = yield* client.sendPrompt(
          currentUser,
          chat,
          `${secrets.prompt} ${providerError._tag}`,
        )
        expect(response.text).not.toContain(secrets.providerKey)
      }
      yield* client.sendPrompt(currentUser, chat, secrets.prompt)

      const ownConfig = { provider: "openai", apiKey: secrets.ownKey }
      yield* send("POST", "/api/provider-configs", { token, body: { ...ownConfig, enabled: secrets.ownKey } })
      yield* send("POST", "/api/provider-configs", { token, body: ownConfig })
      yield* send("PUT", "/api/provider-configs/openai", { token, body: { apiKey: `${secrets.ownKey} ` } })
      yield* send("GET", "/api/llm/models?provider=openai", { token })
      const ownErrors = [
        status(401, { error: { message: `Incorrect API key provided: ${secrets.ownKey}` } }),
        status(400, { error: { message: `${secrets.ownKey} is not allowed`, code: "nope" } }),
        answer("Half", disconnect),
      ]
      for (const path of ["/api/llm/chat", "/api/llm/stream"]) {
        for (const script of [...ownErrors, answer("Hello")]) {
          yield* provider.script(script)
          const body = { provider: "openai", messages: [{ role: "user", content: secrets.prompt }] }
          const response = yield* send("POST", path, { token, body })
          expect(response.text).not.toContain(secrets.ownKey)
        }
      }
      expect(provider.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${secrets.ownKey}`)
      yield* send("POST", "/api/auth/logout", { token, headers: { "x-request-id": "the-last-request" } })
      server.kill("SIGTERM")
      expect(yield* Effect.promise(() => server.exited)).toBe(0)

      const output = server.output()
      const tokens = [admin, again, renewed].flatMap((one) => [one.at("token"), one.at("refreshToken")])
      const databasePassword = /:([^:@/]+)@/.exec(database.DATABASE_URL ?? "")?.[1] ?? "none is set"
      const hidden = [
        ...Object.values(secrets),
        ...tokens,
        jane.token,
        jane.refreshToken,
        jane.cookie,
        mailServer.password,
      ]
      for (const secret of [...hidden, databasePassword])
        expect([secret, output.includes(secret)]).toEqual([secret, false])

      const lines = output.split("\n").filter((line) => line.includes('"message":"request completed"'))
      expect(lines.length).toBeGreaterThan(20)
      expect(JSON.parse(lines.find((line) => line.includes("the-last-request")) ?? "{}")).toMatchObject({
        logLevel: "DEBUG",
        annotations: {
          "http.method": "POST",
          "http.path": "/api/auth/logout",
          "http.status": 200,
          "http.duration_ms": expect.any(Number),
          requestId: "the-last-request",
        },
      })
    }),
  { timeout: 120_000 },
)

const json = { "content-type": "application/json" }
