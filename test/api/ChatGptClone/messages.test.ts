import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, stall, waitFor } from "../../support/ScriptedProvider/Script"
import { makeChats } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const unknown = "01890000-0000-7000-8000-000000000000"
const png =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Messages", (it) => {
  it.live("stores a prompt, responds before the answer exists, and stores the answer", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const { call, newChat, send, user } = yield* makeChats
      const chat = yield* newChat()
      const latch = new Latch()
      const requestCount = provider.requests.length
      yield* provider.script(answer(waitFor(latch), "In ", "Kyoto"))
      const sent = yield* send(chat, { content: "Where to?", model: "openai/poet" })
      const message = {
        id: sent.at("message.id"),
        chatId: chat,
        role: "user",
        content: "Where to?",
        createdAt: time,
      }
      const generationId = sent.at("generationId")
      expect([sent.status, sent.json]).toEqual([201, { message, generationId }])
      expect(sent.headers.get("x-generation-id")).toBe(generationId)
      yield* provider.received(requestCount)
      expect(provider.requests[requestCount]?.body).toMatchObject({ model: "poet" })
      latch.open()
      const { events } = yield* app.request("GET", `/api/generations/${generationId}/events`, {
        token: user.token,
      })
      expect(events.at(-1)?.event).toBe("completed")
      const read = yield* call("GET", `/api/chat/${chat}`)
      expect(read.json).toMatchObject({ chat: { messageCount: 2 }, total: 2 })
      expect(Object(read.json).messages).toEqual([
        { ...message, createdAt: sent.at("message.createdAt") },
        { id: expect.any(String), chatId: chat, role: "assistant", content: "In Kyoto", createdAt: time },
      ])
    }),
  )

  it.live("streams the events of the generation if the client accepts an event stream", () =>
    Effect.gen(function* () {
      const { call, newChat, user } = yield* makeChats
      const app = yield* App
      const chat = yield* newChat()
      yield* (yield* Provider).script(answer("Hel", "lo"))
      const streamed = yield* call(
        "POST",
        `/api/chat/${chat}/messages`,
        { content: "Greet me" },
        { headers: { accept: "text/event-stream" } },
      )
      expect([streamed.status, streamed.headers.get("content-type")]).toEqual([200, "text/event-stream"])
      const id = streamed.headers.get("x-generation-id")
      const replayed = yield* app.request("GET", `/api/generations/${id}/events`, { token: user.token })
      expect(streamed.events).toEqual(replayed.events)
      const types = streamed.events.map(({ event }) => event)
      expect([types[0], types[1], types.at(-1)]).toEqual(["prompt", "started", "completed"])
      const text = streamed.events.map(({ data }) => JSON.parse(data).text ?? "").join("")
      expect(text).toBe("Hello")
    }),
  )

  it.live("stores an answer of the client's own without generating one, also while one is generated", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const { call, newChat, send } = yield* makeChats
      const chat = yield* newChat()
      const requestCount = provider.requests.length
      const stored = yield* send(chat, { content: "Hello", role: "assistant", attachments: [png] })
      expect([stored.status, stored.json]).toEqual([
        201,
        {
          message: {
            id: stored.at("message.id"),
            chatId: chat,
            role: "assistant",
            content: "Hello",
            createdAt: time,
          },
        },
      ])
      expect(provider.requests.length).toBe(requestCount)
      const [first] = Object((yield* call("GET", `/api/chat/${chat}/messages`)).json).messages
      expect(first).toMatchObject({ content: "Hello", attachments: [{ mime_type: "image/png" }] })
      yield* provider.script(answer(stall))
      const { generationId } = Object((yield* send(chat, { content: "Hi" })).json)
      const many = yield* Effect.all(
        Array.from({ length: 5 }, (_, n) => send(chat, { content: `Own ${n}`, role: "assistant" })),
        { concurrency: "unbounded" },
      )
      expect(many.map(({ status }) => status)).toEqual(many.map(() => 201))
      yield* call("POST", `/api/generations/${generationId}/stop`)
      const { chat: body, messages } = Object((yield* call("GET", `/api/chat/${chat}`)).json)
      expect([body.messageCount, messages.length]).toEqual([7, 7])
      const times = messages.map(({ createdAt }: { createdAt: string }) => createdAt)
      expect(times).toEqual(times.toSorted())
      expect(new Set(times).size).toBe(7)
    }),
  )

  it.live("rejects other roles and invalid messages, and stores nothing", () =>
    Effect.gen(function* () {
      const { call, newChat, send } = yield* makeChats
      const chat = yield* newChat()
      for (const [body, code, state] of [
        [{ content: "hi", role: "system" }, "VALIDATION_ERROR", 400],
        [{ content: "hi", role: "tool" }, "VALIDATION_ERROR", 400],
        [{ role: "user" }, "VALIDATION_ERROR", 400],
        [{ content: " " }, "VALIDATION_ERROR", 400],
        [{ content: "hi", model: "" }, "VALIDATION_ERROR", 400],
        [{ content: "hi", attachments: [unknown] }, "FILE_NOT_FOUND", 404],
        [{ content: "hi", role: "assistant", attachments: [unknown] }, "FILE_NOT_FOUND", 404],
        [{ content: "hi", attachments: ["data:image/png;base64,AAAA"] }, "INVALID_FILE", 400],
      ] as const) {
        const rejected = yield* send(chat, body)
        expect([body, rejected.status, rejected.at("code")]).toEqual([body, state, code])
      }
      for (const role of ["user", "assistant"]) {
        const rejected = yield* send(unknown, { content: "hi", role, attachments: [png] })
        expect([rejected.status, rejected.at("code")]).toEqual([404, "CHAT_NOT_FOUND"])
      }
      expect((yield* call("GET", `/api/chat/${chat}`)).json).toMatchObject({ total: 0 })
    }),
  )

  it.live("edits prompts only, regenerates nothing, and finds a message only in its own chat", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const { call, newChat, send, messagesOf } = yield* makeChats
      const [chat, otherChat] = [yield* newChat(), yield* newChat()]
      yield* provider.script(answer("In Kyoto"))
      yield* send(chat, { content: "Where to?" })
      const [prompt, reply] = yield* messagesOf(chat, 2)
      const requestCount = provider.requests.length
      const edited = yield* call("PUT", `/api/chat/${chat}/messages/${prompt?.["id"]}`, { content: "Where?" })
      expect([edited.status, edited.json]).toEqual([
        200,
        {
          message: {
            id: prompt?.["id"],
            chatId: chat,
            role: "user",
            content: "Where?",
            createdAt: prompt?.["createdAt"],
          },
        },
      ])
      expect(provider.requests.length).toBe(requestCount)
      const rejected = yield* call("PUT", `/api/chat/${chat}/messages/${reply?.["id"]}`, { content: "No" })
      expect([rejected.status, rejected.at("code")]).toEqual([400, "INVALID_MESSAGE_ROLE"])
      for (const [method, body] of [
        ["PUT", { content: "Mine" }],
        ["DELETE", undefined],
      ] as const) {
        for (const path of [`${otherChat}/messages/${prompt?.["id"]}`, `${chat}/messages/${unknown}`]) {
          const missing = yield* call(method, `/api/chat/${path}`, body)
          expect([missing.status, missing.at("code")]).toEqual([404, "MESSAGE_NOT_FOUND"])
        }
      }
      const upperCase = chat.toUpperCase()
      const removed = yield* call("DELETE", `/api/chat/${upperCase}/messages/${prompt?.["id"]}`)
      expect([removed.status, removed.json]).toEqual([200, { success: true }])
      expect((yield* call("GET", `/api/chat/${chat}`)).json).toMatchObject({
        messages: [{ content: "In Kyoto" }],
        total: 1,
      })
    }),
  )

  it.live("stops a generation when its answer is deleted", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const { call, newChat, send } = yield* makeChats
      const chat = yield* newChat()
      yield* provider.script(answer("In ", stall))
      const sent = yield* send(chat, { content: "Where to?" })
      const messages = Object((yield* call("GET", `/api/chat/${chat}`)).json).messages
      const removed = yield* call("DELETE", `/api/chat/${chat}/messages/${messages[1].id}`)
      expect(removed.status).toBe(200)
      const { text } = yield* call("GET", `/api/generations/${sent.at("generationId")}/events`)
      expect(text).not.toContain("completed")
      expect((yield* call("GET", `/api/chat/${chat}`)).json).toMatchObject({ total: 1 })
    }),
  )

  it.live("generates several answers in one chat at once", () =>
    Effect.gen(function* () {
      const { call, newChat, send, messagesOf } = yield* makeChats
      const chat = yield* newChat()
      const sent = yield* Effect.all(
        Array.from({ length: 5 }, (_, n) => send(chat, { content: `Question ${n}` })),
        { concurrency: "unbounded" },
      )
      expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 201))
      expect(new Set(sent.map((response) => response.at("generationId"))).size).toBe(5)
      expect(yield* messagesOf(chat, 10)).toHaveLength(10)
      expect((yield* call("GET", `/api/chat/${chat}?limit=3&offset=8`)).json).toMatchObject({
        messages: [{}, {}],
        total: 10,
        limit: 3,
        offset: 8,
        hasMore: false,
      })
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "10" }))("Token limit of chats", (it) => {
  it.live("rejects prompts and titles over the limit with 429, but stores answers", () =>
    Effect.gen(function* () {
      const { call, newChat, send } = yield* makeChats
      const chat = yield* newChat()
      expect((yield* send(chat, { content: "Hello", role: "assistant" })).status).toBe(201)
      for (const response of [
        yield* send(chat, { content: "Hi" }),
        yield* call("POST", `/api/chat/${chat}/title`),
      ])
        expect([response.status, response.at("code")]).toEqual([429, "TOKEN_LIMIT_REACHED"])
      expect((yield* call("GET", `/api/chat/${chat}`)).json).toMatchObject({ total: 1 })
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "on", RATE_LIMIT_CHAT_PER_MIN: "2" }))("Rate limit of chats", (it) => {
  it.live("counts messages and titles together, and other operations separately", () =>
    Effect.gen(function* () {
      const { call, newChat, send } = yield* makeChats
      const chat = yield* newChat()
      yield* send(chat, { content: "Hello", role: "assistant" })
      yield* call("POST", `/api/chat/${chat}/title`)
      for (const limited of [
        yield* send(chat, { content: "Hi" }),
        yield* call("POST", `/api/chat/${chat}/title`),
      ]) {
        expect([limited.status, limited.headers.get("x-ratelimit-limit")]).toEqual([429, "2"])
        expect(limited.headers.get("retry-after")).not.toBeNull()
      }
      const read = yield* call("GET", `/api/chat/${chat}`)
      expect([read.status, read.headers.get("x-ratelimit-limit")]).toEqual([200, "100"])
    }),
  )
})
