import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Redacted } from "effect"
import { SecretBox, SecretUnreadable } from "../../../src/domain/shared/SecretBox"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, status, usage } from "../../support/ScriptedProvider/Script"
import { account, chatPath, post, promptBody, streamPath } from "./llmFixtures"

const path = "/api/provider-configs"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const ownKey = "sk-only-jane-knows"

const configure = ({ token }: TestUser, body: Readonly<Record<string, unknown>>) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

layer(Server.layer({ OPENAI_API_KEY: "sk-of-the-server" }))("Provider configs", (it) => {
  it.live("are created, listed, read, updated and deleted as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const created = yield* configure(user, { provider: "openai", enabled: true, defaultModel: "gpt-4o" })
      const config = {
        id: expect.any(String),
        provider: "openai",
        enabled: true,
        defaultModel: "gpt-4o",
        baseUrl: null,
        hasApiKey: false,
        userId: user.id,
        createdAt: time,
        updatedAt: time,
      }
      expect([created.status, created.json]).toEqual([201, config])
      const claude = yield* configure(user, { provider: "anthropic", apiKey: ownKey })
      expect(claude.json).toMatchObject({ provider: "anthropic", enabled: true, hasApiKey: true })
      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toMatchObject([200, [config, { provider: "claude" }]])

      const change = { enabled: false, defaultModel: "gpt-4o-mini", apiKey: ownKey }
      const updated = yield* app.request("PUT", `${path}/openai`, { token, body: change })
      const { apiKey: _, ...visible } = change
      expect([updated.status, updated.json]).toEqual([200, { ...config, ...visible, hasApiKey: true }])
      const unchanged = yield* app.request("PUT", `${path}/openai`, { token, body: {} })
      expect(unchanged.json).toEqual({ ...config, ...visible, hasApiKey: true })
      const cleared = yield* app.request("PUT", `${path}/openai`, {
        token,
        body: { defaultModel: null, apiKey: null },
      })
      expect(cleared.json).toMatchObject({ enabled: false, defaultModel: null, hasApiKey: false })
      const read = yield* app.request("GET", `${path}/openai`, { token })
      expect([read.status, read.json]).toEqual([200, cleared.json])

      const deleted = yield* app.request("DELETE", `${path}/claude`, { token })
      expect([deleted.status, deleted.text]).toEqual([204, ""])
      for (const method of ["GET", "PUT", "DELETE"]) {
        for (const name of ["claude", "nobody"]) {
          const body = method === "PUT" ? {} : undefined
          const missing = yield* app.request(method, `${path}/${name}`, { token, body })
          expect([missing.status, missing.at("code")]).toEqual([404, "PROVIDER_CONFIG_NOT_FOUND"])
        }
      }
    }),
  )

  it.live("exist once per user and provider, also when two are created at the same time", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const responses = yield* Effect.all(
        ["claude", "anthropic", "claude"].map((provider) => configure(user, { provider })),
        { concurrency: "unbounded" },
      )
      expect(responses.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
      const duplicate = yield* configure(user, { provider: "claude" })
      expect([duplicate.status, duplicate.at("code")]).toEqual([409, "PROVIDER_CONFIG_EXISTS"])
      expect((yield* configure(yield* app.newUser(), { provider: "claude" })).status).toBe(201)
    }),
  )

  it.live("reject unknown providers, keys that no header can carry, and URLs with credentials", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      for (const [field, value] of [
        ["provider", "nobody"],
        ["provider", null],
        ["enabled", "yes"],
        ["defaultModel", ""],
        ["apiKey", ""],
        ["apiKey", "two words"],
        ["apiKey", "line\nbreak"],
        ["apiKey", "schlüssel"],
        ["apiKey", 1],
        ["baseUrl", "models.example.com"],
        ["baseUrl", "ftp://models.example.com"],
        ["baseUrl", "https://jane:secret@models.example.com"],
      ] as const) {
        const rejected = yield* configure(user, { provider: "openai", [field]: value })
        expect([value, rejected.status, rejected.at("fields.0.field")]).toEqual([value, 400, field])
        if (typeof value === "string" && value.length > 5) expect(rejected.text).not.toContain(value)
      }
    }),
  )

  it.live("store the key encrypted for its user and provider alone", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      yield* configure(user, { provider: "openai", apiKey: ownKey })
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<{ stored: string; all: string }>`
        select api_key as stored, provider_configs::text as "all" from provider_configs
        where user_id = ${user.id}`
      expect(row?.all).not.toContain(ownKey)
      expect(row?.all).not.toContain(Buffer.from(ownKey).toString("base64url"))
      const box = yield* SecretBox
      const owner = { userId: user.id, purpose: "api key of openai" }
      expect(Redacted.value(yield* box.open(row?.stored ?? "", owner))).toBe(ownKey)
      const elsewhere = { ...owner, purpose: "api key of google" }
      expect(yield* Effect.flip(box.open(row?.stored ?? "", elsewhere))).toBeInstanceOf(SecretUnreadable)
    }),
  )

  it.live("direct the user's calls to the user's key, outside of the token limit", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const sql = yield* SqlClient.SqlClient
      yield* sql`update usage_accounts set tokens_limit = 10 where user_id = ${user.id}`
      expect((yield* post(chatPath, user)).status).toBe(429)
      yield* configure(user, { provider: "openai", apiKey: ownKey, defaultModel: "own-model" })
      for (const path of [chatPath, streamPath]) {
        const before = provider.requests.length
        yield* provider.script(answer("Hello", usage(100, 200)))
        expect((yield* post(path, user)).status).toBe(200)
        expect(provider.requests[before]).toMatchObject({
          headers: { authorization: `Bearer ${ownKey}` },
          body: { model: "own-model" },
        })
      }
      expect(yield* account(user)).toEqual({ used: 0, reserved: 0, messages: 0 })
      const entries = yield* sql`
        select model, prompt_tokens as prompt, completion_tokens as completion, cost_usd as cost, is_metered as metered
        from usage_entries where user_id = ${user.id}`
      const entry = { model: "openai/own-model", prompt: 100, completion: 200, cost: null, metered: false }
      expect(entries).toEqual([entry, entry])
      const other = yield* app.newUser()
      const before = provider.requests.length
      yield* post(chatPath, other)
      expect(provider.requests[before]?.headers["authorization"]).toBe("Bearer sk-of-the-server")
    }),
  )

  it.live("blame the user's own key when the provider rejects it", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      yield* configure(user, { provider: "openai", apiKey: ownKey })
      yield* (yield* Provider).script(status(401, { error: { message: `Incorrect key: ${ownKey}` } }))
      const denied = yield* post(chatPath, user)
      expect([denied.status, denied.json]).toMatchObject([
        503,
        { code: "MODEL_ACCESS_DENIED", error: "OpenAI rejected your API key." },
      ])
    }),
  )

  it.live("disable a provider for the user", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      yield* configure(user, { provider: "openai", enabled: false })
      const { token } = user
      for (const response of [
        yield* post(chatPath, user),
        yield* post(streamPath, user),
        yield* app.request("GET", "/api/llm/models?provider=openai", { token }),
      ]) {
        expect([response.status, response.at("code")]).toEqual([403, "PROVIDER_DISABLED"])
      }
      expect((yield* post(chatPath, yield* app.newUser())).status).toBe(200)
    }),
  )

  it.live("do not lead the server into private networks", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { url, requests } = yield* Provider
      const before = requests.length
      yield* configure(user, { provider: "generic", baseUrl: url, defaultModel: "scripted" })
      for (const path of [chatPath, streamPath]) {
        const rejected = yield* post(path, user, promptBody("Hi", "generic"))
        expect([rejected.status, rejected.at("code")]).toEqual([400, "BASE_URL_NOT_ALLOWED"])
      }
      const { token } = user
      const unlisted = yield* app.request("GET", "/api/llm/models?provider=generic", { token })
      expect([unlisted.status, unlisted.at("code")]).toEqual([503, "MODELS_UNAVAILABLE"])
      expect(requests.length).toBe(before)
    }),
  )
})

layer(Server.layer({ OPENAI_API_KEY: "sk-of-the-server", ALLOW_PRIVATE_URLS: "on" }))(
  "A user's own base URL",
  (it) => {
    it.live("receives the user's calls and never the server's key", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const own = yield* Provider.make
        yield* configure(user, { provider: "openai", baseUrl: own.url, defaultModel: "scripted" })
        for (const path of [chatPath, streamPath]) {
          expect((yield* post(path, user)).status).toBe(200)
        }
        expect(own.requests.map(({ headers }) => headers["authorization"])).toEqual([undefined, undefined])
        const { token } = user
        const listed = yield* app.request("GET", "/api/llm/models?provider=openai", { token })
        expect([listed.status, listed.json]).toMatchObject([
          200,
          {
            provider: "openai",
            models: expect.arrayContaining([expect.objectContaining({ id: "scripted" })]),
          },
        ])
        expect(own.listRequests.at(-1)?.["authorization"]).toBeUndefined()
        yield* app.request("PUT", `${path}/openai`, { token, body: { apiKey: ownKey } })
        yield* post(chatPath, user)
        expect(own.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${ownKey}`)
      }),
    )
  },
)
