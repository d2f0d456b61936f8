import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, status, usage } from "../../support/ScriptedProvider/Script"
import { newConfig } from "../UniChat/chatFixtures"
import { makeChats } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const builtIn = "00000000-0000-7000-8000-000000000004"
const unknown = "01890000-0000-7000-8000-000000000000"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Chats", (it) => {
  it.live("creates a chat on every call, reads, renames and deletes it", () =>
    Effect.gen(function* () {
      const { call, newChat } = yield* makeChats
      const created = yield* call("POST", "/api/chat", { title: "Kyoto" })
      const id = created.at("chat.id")
      const chat = {
        id,
        title: "Kyoto",
        projectId: null,
        agentId: null,
        isFavorite: false,
        messageCount: 0,
        createdAt: time,
        updatedAt: created.at("chat.createdAt"),
      }
      expect([created.status, created.json]).toEqual([201, { chat }])
      expect(yield* newChat()).not.toBe(id)
      expect(yield* newChat()).not.toBe(id)
      const read = yield* call("GET", `/api/chat/${id}`)
      const range = { messages: [], total: 0, limit: 100, offset: 0, hasMore: false }
      expect([read.status, read.json]).toEqual([200, { chat, ...range }])
      yield* Effect.sleep("2 millis")
      const renamed = yield* call("PUT", `/api/chat/${id}`, { title: "Nara" })
      expect([renamed.status, renamed.json]).toEqual([
        200,
        { chat: { ...chat, title: "Nara", updatedAt: time } },
      ])
      expect(renamed.at("chat.updatedAt") > renamed.at("chat.createdAt")).toBe(true)
      expect((yield* call("PUT", `/api/chat/${id}`, {})).json).toEqual(renamed.json)
      const removed = yield* call("DELETE", `/api/chat/${id}`)
      expect([removed.status, removed.json]).toEqual([200, { success: true }])
      for (const method of ["GET", "PUT", "DELETE"]) {
        const gone = yield* call(method, `/api/chat/${id}`, method === "PUT" ? {} : undefined)
        expect([gone.status, gone.at("code")]).toEqual([404, "CHAT_NOT_FOUND"])
      }
    }),
  )

  it.live("matches fixed paths before ids, whatever the method", () =>
    Effect.gen(function* () {
      const { call } = yield* makeChats
      for (const [method, path, allowed] of [
        ["PUT", "/api/chat/recent", "GET, HEAD, OPTIONS"],
        ["GET", "/api/chat/send", "POST, OPTIONS"],
        ["DELETE", "/api/history/clear", "POST, OPTIONS"],
        ["PUT", `/api/chat/${unknown}/messages`, "GET, HEAD, POST, OPTIONS"],
      ] as const) {
        const { status, headers } = yield* call(method, path)
        expect([path, status, headers.get("allow")]).toEqual([path, 405, allowed])
      }
    }),
  )

  it.live("lists recent chats by last activity", () =>
    Effect.gen(function* () {
      const { call, newChat, send } = yield* makeChats
      const [first, second, third] = [yield* newChat(), yield* newChat(), yield* newChat()]
      yield* send(first, { content: "Hello", role: "assistant" })
      const recent = yield* call("GET", "/api/chat/recent?limit=2")
      expect([recent.status, recent.json]).toMatchObject([
        200,
        {
          chats: [{ id: first, messageCount: 1 }, { id: third }],
          total: 3,
          limit: 2,
          offset: 0,
          hasMore: true,
        },
      ])
      const rest = yield* call("GET", "/api/chat/recent?offset=2")
      expect(rest.json).toMatchObject({ chats: [{ id: second }], limit: 20, hasMore: false })
    }),
  )

  it.live("assigns an agent, which then answers, and removes it", () =>
    Effect.gen(function* () {
      const { call, newChat, send, user } = yield* makeChats
      const provider = yield* Provider
      const chat = yield* newChat()
      const agentId = yield* newConfig(user, { systemPrompt: "You are a poet." })
      const otherAgent = yield* newConfig(yield* (yield* App).newUser())
      for (let time = 0; time < 2; time++) {
        const assigned = yield* call("POST", `/api/chat/${chat}/agent`, { agentId })
        expect([assigned.status, assigned.json]).toMatchObject([200, { chat: { id: chat, agentId } }])
      }
      const requestCount = provider.requests.length
      yield* send(chat, { content: "Hi" })
      yield* provider.received(requestCount)
      expect(provider.requests[requestCount]?.body).toMatchObject({
        messages: [
          { role: "system", content: "You are a poet." },
          { role: "user", content: "Hi" },
        ],
      })
      for (const foreign of [otherAgent, unknown]) {
        const rejected = yield* call("POST", `/api/chat/${chat}/agent`, { agentId: foreign })
        expect([rejected.status, rejected.at("code")]).toEqual([404, "AGENT_NOT_FOUND"])
      }
      const uses = Effect.map(
        call("GET", `/api/agents/${builtIn}`),
        ({ json }) => Object(json).agent.usesCount,
      )
      const usesBefore = yield* uses
      for (let time = 0; time < 2; time++)
        yield* call("POST", `/api/chat/${chat}/agent`, { agentId: builtIn })
      expect(yield* uses).toBe(usesBefore + 1)
      const removed = yield* call("POST", `/api/chat/${chat}/agent`, { agentId: null })
      expect(removed.json).toMatchObject({ chat: { agentId: null } })
    }),
  )

  it.live("gives a chat without a title one after its first answer, which counts as usage", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const { call, newChat, send, messagesOf } = yield* makeChats
      const requestCount = provider.requests.length
      const titled = yield* newChat({ title: "Chosen by me" })
      yield* provider.script(answer("Kyoto"))
      yield* send(titled, { content: "Where to?" })
      yield* messagesOf(titled, 2)

      const chat = yield* newChat({})
      yield* send(chat, { content: "Hello! Where do you want to go?", role: "assistant" })
      yield* provider.script(answer("Kyoto"), answer('"Spring in Kyoto"'))
      yield* send(chat, { content: "Where to in spring?" })
      const titleOf = (id: string) =>
        Effect.map(call("GET", `/api/chat/${id}`), (read) => read.at("chat.title"))
      yield* Effect.repeat(titleOf(chat), { until: (title) => title === "Spring in Kyoto" })
      yield* provider.script(answer("By train"))
      yield* send(chat, { content: "How?" })
      yield* Effect.repeat(call("GET", `/api/chat/${chat}`), {
        until: ({ json }) => Object(json).messages.at(-1).content === "By train",
      })
      expect(yield* titleOf(chat)).toBe("Spring in Kyoto")
      expect(yield* titleOf(titled)).toBe("Chosen by me")
      expect(provider.requests.length).toBe(requestCount + 4)
      expect((yield* call("GET", "/api/usage")).json).toMatchObject({ usage: { requests: 4 } })
    }),
  )

  it.live("generates a title from the first exchange, stores it and counts its tokens", () =>
    Effect.gen(function* () {
      const { call, newChat, send, user, messagesOf } = yield* makeChats
      const app = yield* App
      const provider = yield* Provider
      const chat = yield* newChat({ title: "Chosen by me" })
      const empty = yield* call("POST", `/api/chat/${chat}/title`)
      expect([empty.status, empty.at("code")]).toEqual([400, "CHAT_EMPTY"])
      yield* send(chat, { content: "Where to in spring?" })
      yield* messagesOf(chat, 2)
      const tokensUsed = Effect.map(app.request("GET", "/api/auth/me", { token: user.token }), ({ json }) =>
        Number(Object(json).usage.tokens_used),
      )
      const before = yield* tokensUsed
      yield* provider.script(answer('"Spring in Kyoto"', usage(30, 5)))
      const titled = yield* call("POST", `/api/chat/${chat}/title`)
      expect([titled.status, titled.json]).toEqual([200, { title: "Spring in Kyoto" }])
      expect((yield* call("GET", `/api/chat/${chat}`)).at("chat.title")).toBe("Spring in Kyoto")
      expect(yield* tokensUsed).toBe(before + 35)
      for (const [script, code] of [
        [status(429, undefined, { "retry-after": "60" }), "MODEL_RATE_LIMITED"],
        [answer("word ".repeat(50)), "INVALID_PROVIDER_RESPONSE"],
      ] as const) {
        yield* provider.script(script)
        const failed = yield* call("POST", `/api/chat/${chat}/title`)
        expect([failed.status, failed.at("code")]).toEqual([503, code])
        expect((yield* call("GET", `/api/chat/${chat}`)).at("chat.title")).toBe("Spring in Kyoto")
      }
    }),
  )

  it.live("hides a chat from the history until its next message, and clears the history", () =>
    Effect.gen(function* () {
      const { call, newChat, send, messagesOf } = yield* makeChats
      const [first, second] = [yield* newChat({ title: "First" }), yield* newChat()]
      yield* newChat()
      yield* send(first, { content: "Hello", role: "assistant" })
      yield* send(second, { content: "Hello" })
      yield* messagesOf(second, 2)
      const history = (query = "") =>
        Effect.map(call("GET", `/api/history${query}`), ({ json }) => Object(json))
      expect(yield* history("?limit=1&offset=1")).toMatchObject({
        history: [{ id: first, chatId: first, title: "First", messageCount: 1, createdAt: time }],
        total: 2,
        limit: 1,
        offset: 1,
        hasMore: false,
      })
      for (let time = 0; time < 2; time++) {
        const removed = yield* call("DELETE", `/api/history/${first}`)
        expect([removed.status, removed.json]).toEqual([200, { success: true }])
      }
      expect(yield* history()).toMatchObject({ history: [{ id: second }], total: 1 })
      expect((yield* call("GET", `/api/chat/${first}`)).status).toBe(200)
      yield* send(first, { content: "Again", role: "assistant" })
      expect(yield* history()).toMatchObject({ history: [{ id: first }, { id: second }], total: 2 })
      const cleared = yield* Effect.all(
        Array.from({ length: 5 }, () => call("POST", "/api/history/clear")),
        { concurrency: "unbounded" },
      )
      for (const { status, json } of cleared) expect([status, json]).toEqual([200, { success: true }])
      expect(yield* history()).toMatchObject({ history: [], total: 0 })
      expect((yield* call("GET", "/api/chat/recent")).json).toMatchObject({ total: 0 })
      yield* send(second, { content: "Again" })
      expect(yield* history()).toMatchObject({ history: [{ id: second }], total: 1 })
      expect((yield* call("DELETE", `/api/history/${unknown}`)).status).toBe(404)
    }),
  )

  it.live("keeps one favorite of concurrent and repeated additions, and removes it repeatedly", () =>
    Effect.gen(function* () {
      const { call, newChat } = yield* makeChats
      const [first, second] = [yield* newChat(), yield* newChat()]
      const added = yield* Effect.all(
        Array.from({ length: 5 }, () => call("POST", `/api/favorites/${first}`)),
        { concurrency: "unbounded" },
      )
      const favorite = {
        chatId: first,
        chat: Object((yield* call("GET", `/api/chat/${first}`)).json).chat,
        createdAt: added[0]?.at("favorite.createdAt"),
      }
      expect(favorite.chat.isFavorite).toBe(true)
      for (const { status, json } of added) expect([status, json]).toEqual([201, { favorite }])
      yield* Effect.sleep("2 millis")
      yield* call("POST", `/api/favorites/${second}`)
      const list = yield* call("GET", "/api/favorites?limit=1&offset=1")
      expect([list.status, list.json]).toEqual([
        200,
        { favorites: [favorite], total: 2, limit: 1, offset: 1, hasMore: false },
      ])
      for (let time = 0; time < 2; time++) {
        const removed = yield* call("DELETE", `/api/favorites/${second}`)
        expect([removed.status, removed.json]).toEqual([200, { success: true }])
      }
      expect((yield* call("GET", "/api/favorites")).json).toEqual({
        favorites: [favorite],
        total: 1,
        limit: 20,
        offset: 0,
        hasMore: false,
      })
      for (const method of ["POST", "DELETE"])
        expect((yield* call(method, `/api/favorites/${unknown}`)).status).toBe(404)
    }),
  )

  it.live("rejects a range outside of its bounds", () =>
    Effect.gen(function* () {
      const { call, newChat } = yield* makeChats
      for (const path of [
        "/api/chat/recent",
        "/api/history",
        "/api/favorites",
        `/api/chat/${yield* newChat()}`,
      ])
        for (const query of ["limit=0", "limit=101", "limit=x", "offset=-1"]) {
          const { status } = yield* call("GET", `${path}?${query}`)
          expect([path, query, status]).toEqual([path, query, 400])
        }
    }),
  )
})
