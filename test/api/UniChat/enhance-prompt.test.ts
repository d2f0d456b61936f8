import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, finish, Latch, stall, status, usage, waitFor } from "../../support/Provider/Script"

const path = "/api/configs/enhance-prompt"
const prompt = "You are a helpful assistant"

const enhance = ({ token }: TestUser, body: Readonly<Record<string, unknown>> = { prompt }) =>
  Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

/** What the ledger has of this person. */
const account = ({ id }: TestUser) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ used: number; reserved: number; messages: number }>`
      select tokens_used as used, tokens_reserved as reserved, messages_sent as messages
      from usage_accounts where user_id = ${id}`
    return row
  })

layer(Server.layer())("A prompt", (it) => {
  it.live("is enhanced by the default model, and paid for by who asks, as no message", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const person = yield* app.newUser()
      const before = provider.requests.length
      yield* provider.script(answer("You are a highly knowledgeable ", "assistant.", usage(120, 30)))
      const told = yield* enhance(person)
      expect([told.status, told.json]).toEqual([
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
      expect(yield* account(person)).toEqual({ used: 150, reserved: 0, messages: 0 })
    }),
  )

  it.live("comes without what models put around it", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const provider = yield* Provider
      for (const [said, is] of [
        ["```text\nYou are kind.\nBe brief.\n```\n", "You are kind.\nBe brief."],
        ['"You are kind."', "You are kind."],
        ["“You are kind.”", "You are kind."],
        ['"A" is not "B"', '"A" is not "B"'],
        ["```\na\n```\nand\n```\nb\n```", "```\na\n```\nand\n```\nb\n```"],
      ] as const) {
        yield* provider.script(answer(said))
        expect((yield* enhance(person)).at("enhanced_prompt")).toBe(is)
      }
    }),
  )

  it.live("that is too long, or none, is refused, and costs nothing", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const provider = yield* Provider
      const before = provider.requests.length
      const long = yield* enhance(person, { prompt: "x".repeat(10_001) })
      const told = "Prompt too long (max 10000 characters)"
      expect([long.status, long.json]).toEqual([
        400,
        {
          error: told,
          code: "VALIDATION_ERROR",
          details: [{ field: "prompt", message: told }],
          requestId: expect.any(String),
        },
      ])
      for (const body of [{}, { prompt: "" }, { prompt: " \n" }, { prompt: 1 }, { prompt: "\u0000" }]) {
        const refused = yield* enhance(person, body)
        expect([refused.status, refused.at("details.0.field")]).toEqual([400, "prompt"])
      }
      expect(provider.requests.length).toBe(before)
      expect((yield* enhance(person, { prompt: "漢".repeat(10_000) })).status).toBe(200)
      expect((yield* enhance(person, { prompt: "😀".repeat(10_000) })).status).toBe(200)
    }),
  )

  it.live("that the model does not enhance is told why not, and costs nothing", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const provider = yield* Provider
      for (const [script, code, wait] of [
        [status(429, undefined, { "retry-after": "59.5" }), "MODEL_RATE_LIMITED", "60"],
        [status(429, undefined, { "retry-after-ms": "5001" }), "MODEL_RATE_LIMITED", "6"],
        [status(401), "MODEL_ACCESS_DENIED", null],
        [status(500), "MODEL_OVERLOADED", null],
        [answer(" ", usage(0, 0)), "MODEL_SAID_NOTHING", null],
        [answer('""', usage(0, 0)), "MODEL_SAID_NOTHING", null],
      ] as const) {
        yield* provider.script(script)
        const failed = yield* enhance(person)
        expect([failed.status, failed.at("code")]).toEqual([502, code])
        expect(failed.headers.get("retry-after")).toBe(wait)
        expect(failed.at("error")).toMatch(/\w\.$/)
      }
      expect(yield* account(person)).toEqual({ used: 0, reserved: 0, messages: 0 })
    }),
  )

  it.live("that the model thinks about in vain is paid for, as far as anyone knows what it thought", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      yield* (yield* Provider).script(answer(finish("length"), usage(10, 40)))
      const failed = yield* enhance(person)
      expect([failed.status, failed.at("code")]).toEqual([502, "MODEL_SAID_NOTHING"])
      expect(failed.at("error")).toContain("before it said anything")
      expect(yield* account(person)).toEqual({ used: 50, reserved: 0, messages: 0 })
    }),
  )

  it.live("is enhanced within its user's limit, whatever is asked for at once", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const provider = yield* Provider
      const sql = yield* SqlClient.SqlClient
      yield* sql`update usage_accounts set tokens_limit = 2000 where user_id = ${person.id}`
      const gate = new Latch()
      const first = provider.requests.length
      yield* provider.script(answer("Better.", waitFor(gate), usage(10, 5)))
      const under = yield* Effect.fork(enhance(person))
      yield* provider.received(first)
      const refused = yield* Effect.all([enhance(person), enhance(person)], { concurrency: "unbounded" })
      expect(refused.map(({ status, json }) => [status, Object(json).code])).toEqual([
        [429, "TOKEN_LIMIT_REACHED"],
        [429, "TOKEN_LIMIT_REACHED"],
      ])
      gate.open()
      expect((yield* under).status).toBe(200)
      expect(yield* account(person)).toEqual({ used: 15, reserved: 0, messages: 0 })
      expect((yield* enhance(person)).status).toBe(200)
    }),
  )

  it.live("that nobody waits for any more is given up, and what was asked is paid", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const provider = yield* Provider
      const first = provider.requests.length
      yield* provider.script(answer(stall))
      const gone = new AbortController()
      const asked = fetch(app.url + path, {
        method: "POST",
        signal: gone.signal,
        headers: { authorization: `Bearer ${person.token}`, "content-type": "application/json" },
        body: JSON.stringify({ prompt }),
      }).catch(() => undefined)
      const received = yield* provider.received(first)
      gone.abort()
      yield* Effect.promise(() => asked)
      expect(yield* received.ended).toBe("aborted")
      const settled = yield* Effect.repeat(Effect.delay(account(person), "20 millis"), {
        until: (row) => row?.reserved === 0,
      })
      expect(settled).toMatchObject({ reserved: 0, messages: 0 })
      expect(settled?.used).toBeGreaterThan(100)
    }),
  )
})

layer(Server.layer({ DEFAULT_MODEL: "demo" }))("A prompt given to the demonstration model", (it) => {
  it.live("is answered with what that model says of itself, and the prompt", () =>
    Effect.gen(function* () {
      const person = yield* (yield* App).newUser()
      const told = yield* enhance(person)
      expect(told.status).toBe(200)
      expect(told.at("enhanced_prompt")).toContain("demonstration model")
      expect(told.at("enhanced_prompt")).toEndWith(`You wrote: ${prompt}`)
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "on", RATE_LIMIT_CHAT_PER_MIN: "1", RATE_LIMIT_OTHER_PER_MIN: "2" }))(
  "Limits",
  (it) => {
    it.live(
      "are those of the document: reading a chat counts as chat, enhancing a prompt as all others",
      () =>
        Effect.gen(function* () {
          const app = yield* App
          const person = yield* app.newUser()
          const read = app.request("GET", "/api/chat/none/messages", { token: person.token })
          expect([yield* read, yield* read].map(({ status }) => status)).toEqual([404, 429])
          const told = [yield* enhance(person), yield* enhance(person), yield* enhance(person)]
          expect(told.map(({ status }) => status)).toEqual([200, 200, 429])
          expect(told[2]?.at("error")).toBe("Rate limit exceeded. Please try again later.")
        }),
    )
  },
)
