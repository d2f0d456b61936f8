import { expect } from "bun:test"
import { Effect, Queue } from "effect"
import { extractText } from "unpdf"
import { listOf, totpCode } from "../api/PlexiChat/twoFactorFixtures"
import { makeClient, type RequestOptions, type TestUser } from "../support/App"
import { dumpDatabase } from "../support/dumpDatabase"
import { it } from "../support/it"
import { startMailServer } from "../support/MailServer"
import { Provider } from "../support/ScriptedProvider"
import { answer, disconnect, exactAnswer, raw, status } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { startCollector } from "../support/TelemetryCollector"

/** Secrets whose values cannot occur in anything else. */
const secrets = {
  adminPassword: "Adm1n-only-the-owner-knows",
  password: "Us3r-only-jane-knows",
  newPassword: "Us3r-only-jane-knows-now",
  wrongPassword: "Wr0ng-guess-of-an-attacker",
  providerKey: "sk-only-the-provider-knows",
  ownKey: "key-only-jane-and-the-provider-know",
  jwtSecret: "only-the-server-knows-what-signs-its-tokens",
  metricsToken: "only-prometheus-knows",
  turnCredential: "only-participants-of-calls-know",
}

/** What logs and traces must not show either: private, but stored as it is. */
const confidential = { prompt: "only-the-model-may-know", invited: "only-the-invited-knows" }

const json = { "content-type": "application/json" }

/** A client that remembers the tokens and ids it receives, and all error responses. */
const makeRecordingClient = (url: string) => {
  const client = makeClient(url)
  const received = new Set<string>()
  const errorBodies: Array<string> = []
  const request = (method: string, path: string, options?: RequestOptions) =>
    Effect.tap(client.request(method, path, options), ({ status, text, cookie }) => {
      if (status >= 400) errorBodies.push(text)
      else
        for (const [, value = ""] of text.matchAll(/"(?:\w*token|\w+Token)":"([^"]+)"/g)) received.add(value)
      if (cookie) received.add(cookie)
    })
  return { ...client, request, received, errorBodies }
}
type RecordingClient = ReturnType<typeof makeRecordingClient>

const signInAsAdmin = ({ request }: RecordingClient) =>
  Effect.map(
    request("POST", "/api/auth/login", {
      body: { email: "admin@example.com", password: secrets.adminPassword },
    }),
    (response) => response.at("token"),
  )

/** Signs in by every way, rightly and wrongly, and changes the password. Returns the user with a valid token. */
const authenticate = ({ request, newUser, received }: RecordingClient) =>
  Effect.gen(function* () {
    const { email, password, ...jane } = yield* newUser({ password: secrets.password })
    for (const secret of [jane.token, jane.refreshToken, jane.cookie]) received.add(secret)
    const wrong = { email, password: secrets.wrongPassword }
    expect((yield* request("POST", "/api/auth/login", { body: wrong })).status).toBe(401)
    expect((yield* request("POST", "/api/auth/signin", { body: wrong })).status).toBe(401)
    yield* request("POST", "/api/auth/register", { body: { ...wrong, display_name: "Jane" } })
    yield* request("POST", "/api/auth/signup", { body: { ...wrong, email: "no address" } })
    yield* request("POST", "/api/auth/login", { raw: `{"password":"${wrong.password}`, headers: json })

    const csrf = yield* request("GET", "/api/auth/csrf")
    const cookie = csrf.headers.get("set-cookie")?.split(";", 1)[0] ?? ""
    const csrfToken = csrf.at("csrfToken")
    received.add(cookie.slice(cookie.indexOf("=") + 1))
    const submit = (fields: Record<string, string>) =>
      request("POST", "/api/auth/callback/credentials", {
        raw: new URLSearchParams({ json: "true", email, csrfToken, ...fields }).toString(),
        headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      })
    expect((yield* submit({ password: secrets.wrongPassword })).status).toBe(401)
    expect((yield* submit({ password, csrfToken: `${csrfToken}x` })).status).toBe(200)
    const bySession = yield* submit({ password })
    expect((yield* request("GET", "/api/auth/session", { cookie: bySession.cookie ?? "" })).status).toBe(200)

    yield* request("GET", "/api/auth/me", { cookie: jane.cookie })
    yield* request("GET", "/api/auth/me", { token: `${jane.token}x` })
    yield* request("GET", `/api/auth/me?token=${jane.token}`)
    const body = { refreshToken: jane.refreshToken }
    expect((yield* request("POST", "/api/auth/refresh", { body })).status).toBe(200)
    expect((yield* request("POST", "/api/auth/refresh", { body })).status).toBe(401)
    const again = yield* request("POST", "/api/auth/login", { body: { email, password } })
    yield* request("POST", "/api/auth/refresh", { token: again.at("refreshToken") })
    const token = again.at("token")
    const change = (current_password: string) =>
      request("PUT", "/api/auth/password", {
        token,
        body: { current_password, new_password: secrets.newPassword },
      })
    expect((yield* change(secrets.wrongPassword)).status).toBe(401)
    expect((yield* change(password)).status).toBe(200)
    return { ...jane, email, password: secrets.newPassword, token }
  })

/** Errors of a provider that quote a key. */
const echoes = (key: string) => [
  status(401, { error: { message: `Incorrect API key provided: ${key}`, code: "invalid_api_key" } }),
  status(500, `<html>${key}</html>`),
  status(400, { error: { message: `Bearer ${key} is not allowed`, code: "nope" } }),
  exactAnswer(raw(`data: {"error":{"message":"key ${key} is out of money"}}\n\n`)),
  answer("Half", disconnect),
]

/** Calls the model with the server's key and with the user's own. Returns the chat. */
const callModels = (client: RecordingClient, user: TestUser) =>
  Effect.gen(function* () {
    const provider = yield* Provider
    const { request } = client
    const { token } = user
    const chat = yield* client.newChat(user)
    for (const script of [...echoes(secrets.providerKey), answer("Hello")]) {
      yield* provider.script(script)
      const { text } = yield* client.sendPrompt(user, chat, `${confidential.prompt} ${script._tag}`)
      client.errorBodies.push(text)
    }
    const path = "/api/provider-configs"
    const config = { provider: "openai", apiKey: secrets.ownKey }
    yield* request("POST", path, { token, body: { ...config, enabled: secrets.ownKey } })
    yield* request("POST", path, {
      token,
      body: { ...config, baseUrl: `https://x:${secrets.ownKey}@x.example` },
    })
    expect((yield* request("POST", path, { token, body: config })).status).toBe(201)
    yield* request("POST", path, { token, body: config })
    yield* request("PUT", `${path}/openai`, { token, body: { apiKey: `${secrets.ownKey} ` } })
    yield* request("GET", "/api/llm/models?provider=openai", { token })
    for (const mode of ["chat", "stream"]) {
      for (const script of [...echoes(secrets.ownKey), answer("Hello")]) {
        yield* provider.script(script)
        const body = { provider: "openai", messages: [{ role: "user", content: confidential.prompt }] }
        const { text } = yield* request("POST", `/api/llm/${mode}`, { token, body })
        client.errorBodies.push(text)
      }
    }
    expect(provider.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${secrets.ownKey}`)
    return chat
  })

/** Invites people by mail. Returns the link in the mail; its id alone permits nothing. */
const invite = (
  { request }: RecordingClient,
  { token }: TestUser,
  mails: Queue.Dequeue<{ text?: string | undefined }>,
) =>
  Effect.gen(function* () {
    const organization = yield* request("POST", "/api/organizations", { token, body: { name: "Engines" } })
    const path = `/api/organizations/${organization.at("organization.id")}/invites`
    for (const email of [`${confidential.invited}@example.com`, "guest@example.com"])
      expect((yield* request("POST", path, { token, body: { email } })).status).toBe(201)
    const { text = "" } = yield* Queue.take(mails)
    return /https:\S+/.exec(text)?.[0] ?? "no link"
  })

/** Shares the chat, and requests shares where there are and where there are none. Returns their ids. */
const share = ({ request }: RecordingClient, { token }: TestUser, conversationId: string) =>
  Effect.gen(function* () {
    const path = "/api/shared-conversations"
    const created = yield* request("POST", path, { token, body: { conversationId } })
    const id = created.at("id")
    const again = (yield* request("POST", `${path}/${id}/share`, { token })).at("id")
    for (const [method, target] of [
      ["GET", `${path}/${id}`],
      ["GET", `/shared/${id}`],
      ["GET", `/shared/${id}/more`],
      ["GET", `/shared//${id}`],
      ["PUT", `${path}/${id}`],
      ["DELETE", `${path}/${again}`],
      ["GET", `${path}/${again}`],
    ] as const)
      yield* request(method, target, { token })
    const listed = yield* request("GET", path, { token })
    expect(listed.json).toMatchObject([{ id }])
    return [id, again]
  })

/** Calls, and reads the call as somebody who takes part and as one who does not. */
const callSomebody = ({ request, newUser }: RecordingClient, { token }: TestUser) =>
  Effect.gen(function* () {
    const guest = yield* newUser()
    const body = { participant_ids: [guest.id] }
    const call = yield* request("POST", "/v1/calls", { token, body })
    expect(call.text).toContain(secrets.turnCredential)
    const path = `/v1/calls/${call.at("data.id")}`
    return [[path, (yield* request("GET", path, { token: guest.token })).text] as const]
  })

/** Enables an authenticator app and logs in with it. Returns its secret and the backup codes. */
const proveSecondFactor = ({ request, newUser }: RecordingClient) =>
  Effect.gen(function* () {
    const { email, password, token } = yield* newUser()
    const post = (path: string, body: object) => request("POST", `/v1/auth/${path}`, { token, body })
    const secret = (yield* post("2fa/totp", { password })).at("data.secret")
    const verified = yield* post("2fa/totp/verify", { code: totpCode(secret) })
    const backupCodes = listOf(verified, "backup_codes")
    const challenge_token = (yield* post("login", { email, password })).at("data.challenge_token")
    yield* post("login/2fa", { challenge_token, code: "wrong" })
    const completed = yield* post("login/2fa", { challenge_token, code: backupCodes[0] })
    expect([backupCodes.length, completed.status]).toEqual([10, 200])
    return [secret, ...backupCodes]
  })

/** Exports the chat in every format. Returns the texts by place. */
const exportAll = ({ url }: RecordingClient, { token }: TestUser, chat: string) =>
  Effect.forEach(
    [
      ...["json", "pdf", "md", "txt", "html"].map((format) => `/api/export/chat/${chat}?format=${format}`),
      ...["json", "markdown"].map((format) => `/api/conversations/${chat}/export?format=${format}`),
    ],
    (path) =>
      Effect.promise(async () => {
        const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
        expect(response.status).toBe(200)
        const bytes = await response.bytes()
        if (!path.endsWith("pdf")) return [path, new TextDecoder().decode(bytes)] as const
        const { text } = await extractText(bytes)
        return [path, text.join("\n").replaceAll(/\s+/g, "")] as const
      }),
  )

/** Returns what administrators see of the process, by place. */
const observe = ({ request }: RecordingClient, token: string) =>
  Effect.forEach(
    [
      "/api/observability",
      "/api/monitoring",
      "/api/monitoring?format=prometheus",
      "/api/admin/errors/stats",
      "/api/admin/performance/phase3",
      "/api/admin/stream-connections",
      "/api/admin/api-keys/health",
      "/api/admin/audit-logs",
      "/api/admin/users",
      "/metrics",
    ],
    (path) =>
      Effect.gen(function* () {
        const bearer = path === "/metrics" ? secrets.metricsToken : token
        const { status, text } = yield* request("GET", path, { token: bearer })
        expect([path, status]).toEqual([path, 200])
        return [path, text] as const
      }),
  )

/** The texts that reveal a secret: itself, and the bytes of it, or those that it encodes, in hexadecimal. */
const formsOf = (secret: string) => [
  secret,
  Buffer.from(secret).toString("hex"),
  ...(/^[\w-]{20,}$/.test(secret) ? [Buffer.from(secret, "base64url").toString("hex")] : []),
]

/** Returns which of the secrets a text reveals. */
const revealedBy = (text: string, hidden: Iterable<string>) =>
  [...hidden].filter((secret) => formsOf(secret).some((form) => text.includes(form)))

it.live(
  "No secret is in a log, a trace, an error, an export, what administrators see, or the database",
  () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const database = yield* databaseEnv
      const mailServer = yield* startMailServer([550])
      const collector = yield* startCollector
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
        PUBLIC_URL: `https://${confidential.invited}.example`,
        ICE_SERVERS: JSON.stringify([
          { urls: "turn:turn.example.com", username: "parley", credential: secrets.turnCredential },
        ]),
        METRICS: "on",
        METRICS_TOKEN: secrets.metricsToken,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      })
      const client = makeRecordingClient(server.url)
      const admin = yield* signInAsAdmin(client)
      const jane = yield* authenticate(client)
      const chat = yield* Effect.provideService(callModels(client, jane), Provider, provider)
      const link = yield* invite(client, jane, mailServer.mails)
      const shares = yield* share(client, jane, chat)
      const secondFactor = yield* proveSecondFactor(client)
      const places = [
        ...(yield* callSomebody(client, jane)),
        ...(yield* exportAll(client, jane, chat)),
        ...(yield* observe(client, admin)),
      ]
      yield* client.request("POST", "/api/auth/logout", {
        token: jane.token,
        headers: { "x-request-id": "the-last-request" },
      })
      server.kill("SIGTERM")
      expect(yield* Effect.promise(() => server.exited)).toBe(0)

      const databasePassword = /:([^:@/]+)@/.exec(database.DATABASE_URL ?? "")?.[1] ?? "none is set"
      const hidden = new Set([
        ...Object.values(secrets),
        ...client.received,
        ...shares,
        ...secondFactor,
        link,
        mailServer.password,
        databasePassword,
      ])
      expect(hidden.size).toBeGreaterThan(20)
      expect(client.errorBodies.length).toBeGreaterThan(30)
      expect(revealedBy(client.errorBodies.join("\n"), hidden)).toEqual([])
      for (const [place, text] of places) expect([place, revealedBy(text, hidden)]).toEqual([place, []])

      const tables = yield* dumpDatabase(database)
      const rowsOf = (table: string) => tables.find(({ name }) => name === table)?.text
      for (const table of [
        "provider_configs",
        "shared_conversations",
        "sessions",
        "refresh_tokens",
        "invites",
        "mfa_methods",
        "backup_codes",
      ])
        expect([table, rowsOf(table)]).toEqual([table, expect.stringMatching(/./)])
      for (const { name, text } of tables) expect([name, revealedBy(text, hidden)]).toEqual([name, []])

      const logs = server.output()
      const logged = [...hidden, ...Object.values(confidential)]
      expect(revealedBy(logs, logged)).toEqual([])
      const traces = collector.received.map(({ body }) => body).join("\n")
      expect(traces).toContain("/api/shared-conversations/:id")
      expect(revealedBy(traces, logged)).toEqual([])

      const lines = logs.split("\n").filter((line) => line.includes('"message":"request completed"'))
      expect(lines.length).toBeGreaterThan(50)
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
  { timeout: 180_000 },
)
