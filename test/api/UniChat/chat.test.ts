import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, finish, Latch, rawDelta, stall, status, usage, waitFor } from "../../support/Provider/Script"
import { newConfig, send, talking } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const plain = { attachments: [], is_edited: false, edit_history: [] }
const unknown = "01890000-0000-7000-8000-000000000000"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Chat", (it) => {
  it.live("sends a message and gives the answer, in a new conversation and then in the same", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const person = yield* app.newUser()
      const config = yield* newConfig(person, {
        parameters: { temperature: 0.2, maxTokens: 100, topP: 0.9 },
      })
      yield* provider.script(answer("React is", " a library.", usage(50, 200)))
      const before = provider.requests.length
      const sent = yield* send(person, { config_id: config, message: "What is React?", attachments: [] })
      const conversation_id = sent.at("conversation_id")
      expect(sent.status).toBe(200)
      expect(sent.json).toEqual({
        conversation_id,
        user_message: {
          ...plain,
          id: expect.any(String),
          conversation_id,
          role: "user",
          content: "What is React?",
          created_at: time,
        },
        assistant_message: {
          ...plain,
          id: expect.any(String),
          conversation_id,
          role: "assistant",
          content: "React is a library.",
          metadata: {
            model_id: "openai/scripted",
            tokens: { prompt: 50, completion: 200 },
            generation_time_ms: expect.any(Number),
            cost_usd: Object(sent.json).assistant_message.metadata.cost_usd,
          },
          created_at: time,
        },
        is_new_conversation: true,
      })
      expect(provider.requests[before]?.body).toMatchObject({
        model: "scripted",
        temperature: 0.2,
        max_tokens: 100,
        top_p: 0.9,
        messages: [
          { role: "system", content: "You are a helpful coding assistant." },
          { role: "user", content: "What is React?" },
        ],
      })
      const again = yield* send(person, { conversation_id, config_id: config, message: "And Vue?" })
      expect(again.json).toMatchObject({ conversation_id, is_new_conversation: false })
      const list = yield* app.request("GET", `/api/chat/${conversation_id}/messages?limit=3`, {
        token: person.token,
      })
      expect(list.json).toMatchObject({
        messages: [
          { content: "What is React?" },
          { content: "React is a library." },
          { content: "And Vue?" },
        ],
        total: 4,
        page: 1,
        limit: 3,
        has_more: true,
      })
    }),
  )

  it.live("refuses what it cannot send, and writes nothing", () =>
    Effect.gen(function* () {
      const { app, person, config } = yield* talking
      const stranger = yield* app.newUser()
      const theirs = yield* newConfig(stranger)
      for (const [body, code, state] of [
        [{ config_id: config }, "VALIDATION_ERROR", 400],
        [{ message: "hi" }, "VALIDATION_ERROR", 400],
        [{ config_id: "", message: "hi" }, "VALIDATION_ERROR", 400],
        [{ config_id: config, message: " \n" }, "VALIDATION_ERROR", 400],
        [{ config_id: theirs, message: "hi" }, "CONFIG_NOT_FOUND", 404],
        [{ config_id: "none", message: "hi" }, "CONFIG_NOT_FOUND", 404],
        [{ config_id: config, message: "hi", conversation_id: unknown }, "CONVERSATION_NOT_FOUND", 404],
      ] as const) {
        const refused = yield* send(person, body)
        expect([refused.status, refused.at("code")]).toEqual([state, code])
      }
      const list = yield* app.request("GET", "/api/conversations", { token: person.token })
      expect(list.json).toMatchObject({ total: 1, conversations: [{ message_count: 2 }] })
    }),
  )

  it.live("says why the model failed, and keeps the prompt", () =>
    Effect.gen(function* () {
      const { app, person, config, conversation } = yield* talking
      yield* (yield* Provider).script(status(429, undefined, { "retry-after": "60" }))
      const failed = yield* send(person, {
        conversation_id: conversation,
        config_id: config,
        message: "Again",
      })
      expect([failed.status, failed.at("code")]).toEqual([502, "MODEL_RATE_LIMITED"])
      expect(failed.headers.get("retry-after")).toBe("60")
      expect(failed.at("error")).toBe("OpenAI is rate limiting this server. Try again in 60 seconds.")
      const list = yield* app.request("GET", `/api/chat/${conversation}/messages`, { token: person.token })
      expect(list.json).toMatchObject({ total: 3, messages: [{}, {}, { role: "user", content: "Again" }] })
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("An answer without a word", (it) => {
  for (const reason of ["length", "stop"]) {
    it.live(`is a failure when the model ends it by ${reason}`, () =>
      Effect.gen(function* () {
        const { app, person, config, conversation: conversation_id } = yield* talking
        yield* (yield* Provider).script(answer(rawDelta({ reasoning: "Hm" }), finish(reason), usage(5, 40)))
        const failed = yield* send(person, { conversation_id, config_id: config, message: "Think" })
        expect([failed.status, failed.at("code")]).toEqual([502, "MODEL_SAID_NOTHING"])
        expect(failed.headers.get("retry-after")).toBeNull()
        const list = yield* app.request("GET", `/api/chat/${conversation_id}/messages`, {
          token: person.token,
        })
        expect(list.json).toMatchObject({ total: 3, messages: [{}, {}, { role: "user", content: "Think" }] })
      }),
    )
  }

  it.live("is no failure of the model's when a person stops it", () =>
    Effect.gen(function* () {
      const { app, person, config, conversation: conversation_id } = yield* talking
      const provider = yield* Provider
      const next = provider.requests.length
      yield* provider.script(answer(stall))
      const sending = yield* Effect.fork(
        send(person, { conversation_id, config_id: config, message: "Think" }),
      )
      yield* provider.received(next)
      const sql = yield* SqlClient.SqlClient
      const [run] = yield* sql`select id from generations where state = 'running'`
      yield* app.request("POST", `/api/generations/${run?.["id"]}/stop`, { token: person.token })
      const stopped = yield* sending
      expect([stopped.status, stopped.at("code")]).toEqual([502, "GENERATION_STOPPED"])
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "2000", MAX_OUTPUT_TOKENS: "500" }))("Chat at the limit", (it) => {
  it.live("lets exactly three of twenty messages pass that are sent at once, and keeps no more", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const person = yield* app.newUser()
      const config = yield* newConfig(person)
      const gate = new Latch()
      let decided = 0
      yield* provider.answering(() => answer("x", waitFor(gate)))
      const sending = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 20 }, () =>
            Effect.tap(send(person, { config_id: config, message: "hi" }), () =>
              Effect.sync(() => decided++),
            ),
          ),
          { concurrency: "unbounded" },
        ),
      )
      // An answer that is done gives back what it did not need: none is, until all others are refused.
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => decided === 17 })
      gate.open()
      const answers = yield* sending
      const passed = answers.filter(({ status }) => status === 200)
      const refused = answers.filter(({ status }) => status === 429)
      expect([passed.length, refused.length]).toEqual([3, 17])
      expect(refused[0]?.at("code")).toBe("TOKEN_LIMIT_REACHED")
      const list = yield* app.request("GET", "/api/conversations", { token: person.token })
      expect(list.json).toMatchObject({ total: 3 })
    }),
  )
})
