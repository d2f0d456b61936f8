import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import {
  answer,
  finish,
  Latch,
  rawDelta,
  stall,
  status,
  usage,
  waitFor,
} from "../../support/ScriptedProvider/Script"
import { newConfig, seedConversation, send } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const plain = { attachments: [], is_edited: false, edit_history: [] }
const unknown = "01890000-0000-7000-8000-000000000000"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Chat", (it) => {
  it.live("sends only the parameters that somebody chose", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const user = yield* (yield* App).newUser()
      const sentWith = Effect.fnUntraced(function* (parameters: Readonly<Record<string, number>>) {
        yield* send(user, {
          config_id: yield* newConfig(user, { parameters }),
          message: "Hi",
          attachments: [],
        })
        const {
          model: _,
          messages: __,
          stream: ___,
          stream_options: ____,
          ...sent
        } = provider.requests.findLast(({ body }) => body.stream === true)?.body ?? { model: "" }
        return sent
      })
      expect(yield* sentWith({})).toEqual({})
      expect(yield* sentWith({ temperature: 0.7, topP: 0.5 })).toEqual({ temperature: 0.7, top_p: 0.5 })
    }),
  )

  it.live("sends a message and returns the answer, in a new and then in the same conversation", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const config = yield* newConfig(user, {
        parameters: { temperature: 0.2, maxTokens: 100, topP: 0.9 },
      })
      yield* provider.script(answer("React is", " a library.", usage(50, 200)))
      const requestCount = provider.requests.length
      const sent = yield* send(user, { config_id: config, message: "What is React?", attachments: [] })
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
      expect(provider.requests[requestCount]?.body).toMatchObject({
        model: "scripted",
        temperature: 0.2,
        max_tokens: 100,
        top_p: 0.9,
        messages: [
          { role: "system", content: "You are a helpful coding assistant." },
          { role: "user", content: "What is React?" },
        ],
      })
      const again = yield* send(user, { conversation_id, config_id: config, message: "And Vue?" })
      expect(again.json).toMatchObject({ conversation_id, is_new_conversation: false })
      const list = yield* app.request("GET", `/api/chat/${conversation_id}/messages?limit=3`, {
        token: user.token,
      })
      expect(list.json).toMatchObject({
        messages: [
          { content: "What is React?" },
          { content: "React is a library.", metadata: { model_id: "openai/scripted" } },
          { content: "And Vue?" },
        ],
        total: 4,
        page: 1,
        limit: 3,
        offset: 0,
        hasMore: true,
        has_more: true,
      })
      for (const query of ["?limit=3&page=2", "?limit=3&offset=3", "?limit=3&skip=3"]) {
        const rest = yield* app.request("GET", `/api/chat/${conversation_id}/messages${query}`, {
          token: user.token,
        })
        const { id, created_at } = Object(rest.json).messages[0]
        expect(rest.json).toMatchObject({
          messages: [{ id, conversation_id, chatId: conversation_id, created_at, createdAt: created_at }],
          total: 4,
          page: 2,
          limit: 3,
          offset: 3,
          hasMore: false,
          has_more: false,
        })
      }
    }),
  )

  it.live("rejects invalid messages and stores nothing", () =>
    Effect.gen(function* () {
      const { app, user, config } = yield* seedConversation
      const otherUser = yield* app.newUser()
      const otherConfig = yield* newConfig(otherUser)
      for (const [body, code, state] of [
        [{ config_id: config }, "VALIDATION_ERROR", 400],
        [{ message: "hi" }, "VALIDATION_ERROR", 400],
        [{ config_id: "", message: "hi" }, "VALIDATION_ERROR", 400],
        [{ config_id: config, message: " \n" }, "VALIDATION_ERROR", 400],
        [{ config_id: otherConfig, message: "hi" }, "CONFIG_NOT_FOUND", 404],
        [{ config_id: "none", message: "hi" }, "CONFIG_NOT_FOUND", 404],
        [{ config_id: config, message: "hi", conversation_id: unknown }, "CONVERSATION_NOT_FOUND", 404],
      ] as const) {
        const rejected = yield* send(user, body)
        expect([rejected.status, rejected.at("code")]).toEqual([state, code])
      }
      const list = yield* app.request("GET", "/api/conversations", { token: user.token })
      expect(list.json).toMatchObject({ total: 1, conversations: [{ message_count: 2 }] })
    }),
  )

  it.live("reports why the model failed, and stores the prompt", () =>
    Effect.gen(function* () {
      const { app, user, config, conversation } = yield* seedConversation
      yield* (yield* Provider).script(status(429, undefined, { "retry-after": "60" }))
      const failed = yield* send(user, {
        conversation_id: conversation,
        config_id: config,
        message: "Again",
      })
      expect([failed.status, failed.at("code")]).toEqual([502, "MODEL_RATE_LIMITED"])
      expect(failed.headers.get("retry-after")).toBe("60")
      expect(failed.at("error")).toBe("OpenAI is rate limiting this server. Try again in 60 seconds.")
      const list = yield* app.request("GET", `/api/chat/${conversation}/messages`, { token: user.token })
      expect(list.json).toMatchObject({ total: 3, messages: [{}, {}, { role: "user", content: "Again" }] })
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Empty answers", (it) => {
  for (const reason of ["length", "stop"]) {
    it.live(`fails with EMPTY_RESPONSE when the finish reason is ${reason}`, () =>
      Effect.gen(function* () {
        const { app, user, config, conversation: conversation_id } = yield* seedConversation
        yield* (yield* Provider).script(answer(rawDelta({ reasoning: "Hm" }), finish(reason), usage(5, 40)))
        const failed = yield* send(user, { conversation_id, config_id: config, message: "Think" })
        expect([failed.status, failed.at("code")]).toEqual([502, "EMPTY_RESPONSE"])
        expect(failed.headers.get("retry-after")).toBeNull()
        const list = yield* app.request("GET", `/api/chat/${conversation_id}/messages`, {
          token: user.token,
        })
        expect(list.json).toMatchObject({ total: 3, messages: [{}, {}, { role: "user", content: "Think" }] })
      }),
    )
  }

  it.live("reports GENERATION_STOPPED when the user stops an empty answer", () =>
    Effect.gen(function* () {
      const { app, user, config, conversation: conversation_id } = yield* seedConversation
      const provider = yield* Provider
      const requestCount = provider.requests.length
      yield* provider.script(answer(stall))
      const sending = yield* Effect.fork(send(user, { conversation_id, config_id: config, message: "Think" }))
      yield* provider.received(requestCount)
      const sql = yield* SqlClient.SqlClient
      const [generation] = yield* sql`select id from generations where state = 'running'`
      yield* app.request("POST", `/api/generations/${generation?.["id"]}/stop`, { token: user.token })
      const stopped = yield* sending
      expect([stopped.status, stopped.at("code")]).toEqual([502, "GENERATION_STOPPED"])
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "2000", MAX_OUTPUT_TOKENS: "500" }))("Chat token limit", (it) => {
  it.live("accepts exactly three of twenty concurrent messages within the limit and stores only those", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const config = yield* newConfig(user)
      const gate = new Latch()
      let decided = 0
      yield* provider.setResponder(() => answer("x", waitFor(gate)))
      const sending = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 20 }, () =>
            Effect.tap(send(user, { config_id: config, message: "hi" }), () => Effect.sync(() => decided++)),
          ),
          { concurrency: "unbounded" },
        ),
      )
      // A finished answer releases its unused reservation, so none may finish requestCount all others are rejected.
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => decided === 17 })
      gate.open()
      const answers = yield* sending
      const accepted = answers.filter(({ status }) => status === 200)
      const rejected = answers.filter(({ status }) => status === 429)
      expect([accepted.length, rejected.length]).toEqual([3, 17])
      expect(rejected[0]?.at("code")).toBe("TOKEN_LIMIT_REACHED")
      const list = yield* app.request("GET", "/api/conversations", { token: user.token })
      expect(list.json).toMatchObject({ total: 3 })
    }),
  )
})
