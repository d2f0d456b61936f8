import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, finish, Latch, stall, status, usage, waitFor } from "../../support/ScriptedProvider/Script"

const path = "/api/configs/enhance-prompt"
const prompt = "You are a helpful assistant"

const enhance = ({ token }: TestUser, body: Readonly<Record<string, unknown>> = { prompt }) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

/** Returns the usage account of the user. */
const account = ({ id }: TestUser) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ used: number; reserved: number; messages: number }>`
      select tokens_used as used, tokens_reserved as reserved, messages_sent as messages
      from usage_accounts where user_id = ${id}`
    return row
  })

layer(Server.layer())("Prompt enhancement", (it) => {
  it.live("enhances a prompt with the default model, charges its tokens and counts no message", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const before = provider.requests.length
      yield* provider.script(answer("You are a highly knowledgeable ", "assistant.", usage(120, 30)))
      const enhanced = yield* enhance(user)
      expect([enhanced.status, enhanced.json]).toEqual([
        200,
        { enhanced_prompt: "You are a highly knowledgeable assistant." },
      ])
      expect(provider.requests[before]?.body).toMatchObject({
        model: "scripted",
        max_tokens: expect.any(Number),
        messages: [
          { role: "system", content: expect.stringContaining("improve system prompts") },
          { role: "user", content: prompt },
        ],
      })
      expect(yield* account(user)).toEqual({ used: 150, reserved: 0, messages: 0 })
    }),
  )

  it.live("removes code fences and quotation marks around the enhanced prompt", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const provider = yield* Provider
      for (const [output, expected] of [
        ["```text\nYou are kind.\nBe brief.\n```\n", "You are kind.\nBe brief."],
        ['"You are kind."', "You are kind."],
        ["“You are kind.”", "You are kind."],
        ['"A" is not "B"', '"A" is not "B"'],
        ["```\na\n```\nand\n```\nb\n```", "```\na\n```\nand\n```\nb\n```"],
      ] as const) {
        yield* provider.script(answer(output))
        expect((yield* enhance(user)).at("enhanced_prompt")).toBe(expected)
      }
    }),
  )

  it.live("rejects a prompt that is too long or empty, without charge", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const provider = yield* Provider
      const before = provider.requests.length
      const long = yield* enhance(user, { prompt: "x".repeat(10_001) })
      const message = "Prompt too long (max 10000 characters)"
      expect([long.status, long.json]).toEqual([
        400,
        {
          error: message,
          code: "VALIDATION_ERROR",
          details: `prompt: ${message}`,
          fields: [{ field: "prompt", message }],
          requestId: expect.any(String),
        },
      ])
      for (const body of [{}, { prompt: "" }, { prompt: " \n" }, { prompt: 1 }, { prompt: "\u0000" }]) {
        const rejected = yield* enhance(user, body)
        expect([rejected.status, rejected.at("fields.0.field")]).toEqual([400, "prompt"])
      }
      expect(provider.requests.length).toBe(before)
      expect((yield* enhance(user, { prompt: "漢".repeat(10_000) })).status).toBe(200)
      expect((yield* enhance(user, { prompt: "😀".repeat(10_000) })).status).toBe(200)
    }),
  )

  it.live("reports why the model failed, without charge", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const provider = yield* Provider
      for (const [script, code, retryAfter] of [
        [status(429, undefined, { "retry-after": "59.5" }), "MODEL_RATE_LIMITED", "60"],
        [status(429, undefined, { "retry-after-ms": "5001" }), "MODEL_RATE_LIMITED", "6"],
        [status(401), "MODEL_ACCESS_DENIED", null],
        [status(500), "MODEL_OVERLOADED", null],
        [answer(" ", usage(0, 0)), "EMPTY_RESPONSE", null],
        [answer('""', usage(0, 0)), "EMPTY_RESPONSE", null],
      ] as const) {
        yield* provider.script(script)
        const failed = yield* enhance(user)
        expect([failed.status, failed.at("code")]).toEqual([502, code])
        expect(failed.headers.get("retry-after")).toBe(retryAfter)
        expect(failed.at("error")).toMatch(/\w\.$/)
      }
      expect(yield* account(user)).toEqual({ used: 0, reserved: 0, messages: 0 })
    }),
  )

  it.live("charges the reported tokens when the model returns an empty answer", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      yield* (yield* Provider).script(answer(finish("length"), usage(10, 40)))
      const failed = yield* enhance(user)
      expect([failed.status, failed.at("code")]).toEqual([502, "EMPTY_RESPONSE"])
      expect(failed.at("error")).toContain("before it produced any text")
      expect(yield* account(user)).toEqual({ used: 50, reserved: 0, messages: 0 })
    }),
  )

  it.live("enforces the user's token limit across concurrent requests", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const provider = yield* Provider
      const sql = yield* SqlClient.SqlClient
      yield* sql`update usage_accounts set tokens_limit = 2000 where user_id = ${user.id}`
      const gate = new Latch()
      const first = provider.requests.length
      yield* provider.script(answer("Better.", waitFor(gate), usage(10, 5)))
      const pending = yield* Effect.fork(enhance(user))
      yield* provider.received(first)
      const rejected = yield* Effect.all([enhance(user), enhance(user)], { concurrency: "unbounded" })
      expect(rejected.map(({ status, json }) => [status, Object(json).code])).toEqual([
        [429, "TOKEN_LIMIT_REACHED"],
        [429, "TOKEN_LIMIT_REACHED"],
      ])
      gate.open()
      expect((yield* pending).status).toBe(200)
      expect(yield* account(user)).toEqual({ used: 15, reserved: 0, messages: 0 })
      expect((yield* enhance(user)).status).toBe(200)
    }),
  )

  it.live("aborts the model call when the client disconnects, and charges the prompt", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const provider = yield* Provider
      const first = provider.requests.length
      yield* provider.script(answer(stall))
      const client = new AbortController()
      const response = fetch(app.url + path, {
        method: "POST",
        signal: client.signal,
        headers: { authorization: `Bearer ${user.token}`, "content-type": "application/json" },
        body: JSON.stringify({ prompt }),
      }).catch(() => undefined)
      const received = yield* provider.received(first)
      client.abort()
      yield* Effect.promise(() => response)
      expect(yield* received.outcome).toBe("aborted")
      const settled = yield* Effect.repeat(Effect.delay(account(user), "20 millis"), {
        until: (row) => row?.reserved === 0,
      })
      expect(settled).toMatchObject({ reserved: 0, messages: 0 })
      expect(settled?.used).toBeGreaterThan(100)
    }),
  )
})

layer(Server.layer({ DEFAULT_MODEL: "demo" }))("Prompt enhancement without a configured provider", (it) => {
  it.live("returns the demo model's description of itself and the prompt", () =>
    Effect.gen(function* () {
      const user = yield* (yield* App).newUser()
      const enhanced = yield* enhance(user)
      expect(enhanced.status).toBe(200)
      expect(enhanced.at("enhanced_prompt")).toContain("demonstration model")
      expect(enhanced.at("enhanced_prompt")).toEndWith(`You wrote: ${prompt}`)
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "on", RATE_LIMIT_CHAT_PER_MIN: "1", RATE_LIMIT_OTHER_PER_MIN: "2" }))(
  "Prompt enhancement rate limits",
  (it) => {
    it.live(
      "counts reading a chat against the chat limit, and enhancing a prompt against the general limit",
      () =>
        Effect.gen(function* () {
          const app = yield* App
          const user = yield* app.newUser()
          const read = app.request("GET", "/api/chat/none/messages", { token: user.token })
          expect([yield* read, yield* read].map(({ status }) => status)).toEqual([404, 429])
          const responses = [yield* enhance(user), yield* enhance(user), yield* enhance(user)]
          expect(responses.map(({ status }) => status)).toEqual([200, 200, 429])
          expect(responses[2]?.at("error")).toBe("Rate limit exceeded. Please try again later.")
        }),
    )
  },
)
