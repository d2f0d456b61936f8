import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import {
  answer,
  disconnect,
  exactAnswer,
  finish,
  Latch,
  raw,
  status,
  usage,
  waitFor,
} from "../../support/ScriptedProvider/Script"
import { account, chatPath, post, promptBody, streamPath } from "./llmFixtures"

layer(Server.layer({ GEMINI_API_KEY: "unused", GEMINI_BASE_URL: "http://127.0.0.1:9" }))(
  "LLM calls",
  (it) => {
    it.live("answers as the contract documents, charges the tokens and stores nothing else", () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const user = yield* app.newUser()
        const before = provider.requests.length
        yield* provider.script(answer("Quantum computing ", "is hard.", usage(10, 150)))
        const messages = [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hello" },
          { role: "assistant", content: "Hi" },
          { role: "system", content: "Be kind." },
          { role: "user", content: "Explain quantum computing" },
        ]
        const body = { provider: "openai", model: "gpt-4o", messages, temperature: 0.7, maxTokens: 500 }
        const answered = yield* post(chatPath, user, body)
        expect([answered.status, answered.json]).toEqual([
          200,
          {
            content: "Quantum computing is hard.",
            usage: { promptTokens: 10, completionTokens: 150, totalTokens: 160 },
            model: "gpt-4o",
            provider: "openai",
          },
        ])
        expect(provider.requests[before]?.body).toMatchObject({
          model: "gpt-4o",
          messages,
          temperature: 0.7,
          max_tokens: 500,
        })
        expect(yield* account(user)).toEqual({ used: 160, reserved: 0, messages: 0 })
        const sql = yield* SqlClient.SqlClient
        expect(yield* sql`select from conversations where user_id = ${user.id}`).toHaveLength(0)
      }),
    )

    it.live(
      "uses the provider's default model, repeats the request's name, and always has the demo model",
      () =>
        Effect.gen(function* () {
          const user = yield* (yield* App).newUser()
          expect((yield* post(chatPath, user)).json).toMatchObject({ model: "scripted", provider: "openai" })
          const demo = yield* post(chatPath, user, promptBody("Echo", "demo"))
          expect([demo.status, demo.json]).toMatchObject([
            200,
            { provider: "demo", model: "demo", content: expect.stringContaining("You wrote: Echo") },
          ])
          const unreachable = yield* post(chatPath, user, promptBody("Hi", "gemini"))
          expect([unreachable.status, unreachable.at("code")]).toEqual([503, "MODEL_UNREACHABLE"])
        }),
    )

    it.live("puts the persona's prompt first, and rejects another user's persona", () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const [user, other] = [yield* app.newUser(), yield* app.newUser()]
        const created = yield* app.request("POST", "/api/personas", {
          token: user.token,
          body: { name: "Reviewer", systemPrompt: "You review code." },
        })
        const body = {
          ...promptBody(),
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Hi" },
          ],
          personaId: created.at("id"),
        }
        const before = provider.requests.length
        expect((yield* post(chatPath, user, body)).status).toBe(200)
        expect(provider.requests[before]?.body.messages).toEqual([
          { role: "system", content: "You review code." },
          ...body.messages,
        ])
        for (const path of [chatPath, streamPath]) {
          const hidden = yield* post(path, other, body)
          expect([hidden.status, hidden.at("code")]).toEqual([404, "PERSONA_NOT_FOUND"])
        }
      }),
    )

    it.live("reports what fails before the first token as a status, without charge", () =>
      Effect.gen(function* () {
        const user = yield* (yield* App).newUser()
        const provider = yield* Provider
        for (const path of [chatPath, streamPath]) {
          for (const [script, expected, code, retryAfter] of [
            [status(429, undefined, { "retry-after": "59.5" }), 429, "MODEL_RATE_LIMITED", "60"],
            [status(400), 400, "MODEL_REQUEST_REJECTED", null],
            [status(404), 400, "MODEL_NOT_FOUND", null],
            [status(413), 400, "CONTEXT_LENGTH_EXCEEDED", null],
            [answer(finish("content_filter")), 400, "CONTENT_FILTERED", null],
            [status(401), 503, "MODEL_ACCESS_DENIED", null],
            [status(500), 503, "MODEL_OVERLOADED", null],
            [answer(finish("stop"), usage(0, 0)), 503, "EMPTY_RESPONSE", null],
            [
              exactAnswer(raw("<html>")),
              503,
              path === chatPath ? "INVALID_PROVIDER_RESPONSE" : "STREAM_INTERRUPTED",
              null,
            ],
            ...(path === streamPath ? [[answer(disconnect), 503, "STREAM_INTERRUPTED", null] as const] : []),
          ] as const) {
            yield* provider.script(script)
            const failed = yield* post(path, user)
            expect([path, failed.status, failed.at("code")]).toEqual([path, expected, code])
            expect(failed.headers.get("retry-after")).toBe(retryAfter)
            expect(failed.headers.get("content-type")).toBe("application/json")
          }
        }
        expect(yield* account(user)).toEqual({ used: 0, reserved: 0, messages: 0 })
      }),
    )

    it.live("rejects malformed requests before the provider is called", () =>
      Effect.gen(function* () {
        const user = yield* (yield* App).newUser()
        const provider = yield* Provider
        const before = provider.requests.length
        for (const [change, field] of [
          [{ provider: "nobody" }, "provider"],
          [{ provider: undefined }, "provider"],
          [{ messages: [] }, "messages"],
          [{ messages: "Hi" }, "messages"],
          [{ messages: [{ role: "tool", content: "Hi" }] }, "messages.0.role"],
          [{ messages: [{ role: "user", content: " " }] }, "messages.0.content"],
          [{ messages: [{ role: "user" }] }, "messages.0.content"],
          [{ temperature: 2.1 }, "temperature"],
          [{ maxTokens: 0 }, "maxTokens"],
          [{ maxTokens: 1.5 }, "maxTokens"],
          [{ model: "" }, "model"],
        ] as const) {
          for (const path of [chatPath, streamPath]) {
            const rejected = yield* post(path, user, { ...promptBody(), ...change })
            expect([rejected.status, rejected.at("code"), rejected.at("fields.0.field")]).toEqual([
              400,
              "VALIDATION_ERROR",
              field,
            ])
          }
        }
        expect(provider.requests.length).toBe(before)
      }),
    )

    it.live("reports a provider without a key, and a generic one without a default model", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        for (const path of [chatPath, streamPath]) {
          for (const name of ["claude", "anthropic", "openrouter", "generic"]) {
            const missing = yield* post(path, user, promptBody("Hi", name))
            expect([missing.status, missing.at("code")]).toEqual([503, "PROVIDER_NOT_CONFIGURED"])
          }
        }
        const own = { provider: "generic", baseUrl: "https://models.example.com" }
        yield* app.request("POST", "/api/provider-configs", { token: user.token, body: own })
        const unnamed = yield* post(chatPath, user, promptBody("Hi", "generic"))
        expect([unnamed.status, unnamed.at("code")]).toEqual([400, "MODEL_REQUIRED"])
      }),
    )

    it.live("reserves before each call, so that calls at the same time cannot exceed the token limit", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const sql = yield* SqlClient.SqlClient
        yield* sql`update usage_accounts set tokens_limit = 1500 where user_id = ${user.id}`
        const body = { ...promptBody("Hi"), maxTokens: 1000 }
        // The call that is made goes on until all others are rejected: then it would use less than it reserves.
        const latch = new Latch()
        yield* (yield* Provider).script(answer("Hello", waitFor(latch)))
        let rejected = 0
        const responses = yield* Effect.all(
          [chatPath, streamPath, chatPath, streamPath].map((path) =>
            Effect.tap(post(path, user, body), ({ status }) => {
              if (status === 429 && ++rejected === 3) latch.open()
            }),
          ),
          { concurrency: "unbounded" },
        )
        expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 429, 429, 429])
        const limited = responses.find(({ status }) => status === 429)
        expect(limited?.at("code")).toBe("TOKEN_LIMIT_REACHED")
        expect((yield* account(user))?.reserved).toBe(0)
      }),
    )

    it.live("lists a provider's models by their own names", () =>
      Effect.gen(function* () {
        const app = yield* App
        const { token } = yield* app.newUser()
        const list = (query: string) => app.request("GET", `/api/llm/models${query}`, { token })
        const listed = yield* list("?provider=openai")
        expect([listed.status, listed.json]).toMatchObject([
          200,
          {
            provider: "openai",
            models: expect.arrayContaining([
              { id: "scripted", name: "Scripted", description: "Returns scripted answers" },
              { id: "anthropic/claude-3-sonnet:free", name: "Claude 3 Sonnet (free)", description: "" },
            ]),
          },
        ])
        const demo = yield* list("?provider=demo")
        expect(demo.json).toMatchObject({ provider: "demo", models: [{ id: "demo", name: "Demonstration" }] })
        for (const query of ["", "?provider=", "?provider=nobody", "?provider=openai&provider=demo"]) {
          const rejected = yield* list(query)
          expect([rejected.status, rejected.at("fields.0.field")]).toEqual([400, "provider"])
        }
        for (const [name, code] of [
          ["claude", "PROVIDER_NOT_CONFIGURED"],
          ["google", "MODELS_UNAVAILABLE"],
        ] as const) {
          const unavailable = yield* list(`?provider=${name}`)
          expect([unavailable.status, unavailable.at("code")]).toEqual([503, code])
        }
      }),
    )
  },
)

layer(Server.layer({ RATE_LIMITS: "on", RATE_LIMIT_LLM_PER_USER_PER_MIN: "2" }))("LLM rate limits", (it) => {
  it.live("count all operations of a user together", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const responses = [
        yield* post(chatPath, user),
        yield* post(streamPath, user),
        yield* post(chatPath, user),
      ]
      expect(responses.map(({ status }) => status)).toEqual([200, 200, 429])
      expect(responses.map(({ headers }) => headers.get("x-ratelimit-limit"))).toEqual(["2", "2", "2"])
      expect(responses[2]?.at("code")).toBe("RATE_LIMITED")
    }),
  )
})
