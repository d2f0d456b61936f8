import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { newConfig, seedConversation, send } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const create = ({ token }: TestUser, body: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const created = yield* (yield* App).request("POST", "/api/conversations", { token, body })
    return created.at("conversation.id")
  })

const titles = (user: TestUser, query: string, path = "/api/conversations") =>
  Effect.gen(function* () {
    const result = yield* (yield* App).request("GET", `${path}${query}`, { token: user.token })
    expect(result.status).toBe(200)
    const { conversations, total } = Object(result.json)
    return { titles: conversations.map(({ title }: { title: string }) => title), total }
  })

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Conversations", (it) => {
  it.live("creates, reads, updates, archives and deletes a conversation as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const config = yield* newConfig(user)
      const body = { config_id: config, title: "New Conversation", folder_id: "507f191e810c19729de860ec" }
      const created = yield* app.request("POST", "/api/conversations", { token, body })
      const id = created.at("conversation.id")
      const conversation = {
        id,
        title: "New Conversation",
        user_id: user.id,
        config_id: config,
        folder_id: "507f191e810c19729de860ec",
        message_count: 0,
        is_pinned: false,
        is_archived: false,
        tags: [],
        created_at: time,
        last_message_at: null,
        stats: { total_tokens: 0, input_tokens: 0, output_tokens: 0 },
      }
      expect([created.status, created.json]).toEqual([201, { conversation }])
      const path = `/api/conversations/${id}`
      const read = yield* app.request("GET", path, { token })
      expect([read.status, read.json]).toEqual([200, { conversation, messages: [] }])

      const change = {
        title: "Updated Title",
        tags: ["development", "security"],
        is_pinned: true,
        folder_id: null,
      }
      const changed = yield* app.request("PUT", path, { token, body: change })
      expect([changed.status, changed.json]).toEqual([200, { conversation: { ...conversation, ...change } }])

      const toggled = [
        yield* app.request("POST", `${path}/archive`, { token }),
        yield* app.request("POST", `${path}/archive`, { token }),
      ]
      expect(toggled.map(({ json }) => json)).toEqual([
        { message: "Archived", is_archived: true },
        { message: "Unarchived", is_archived: false },
      ])

      const deleted = yield* app.request("DELETE", path, { token })
      expect([deleted.status, deleted.json]).toEqual([200, { message: "Conversation deleted" }])
      expect((yield* app.request("GET", path, { token })).status).toBe(404)
      expect((yield* app.request("DELETE", path, { token })).status).toBe(404)
    }),
  )

  it.live("lists and counts conversations by filter, order and page", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      for (const [title, folder_id] of [
        ["Bee", null],
        ["Ant", "insects"],
        ["Cat 100%", null],
        ["Dog_1", null],
      ] as const) {
        yield* create(user, { title, folder_id })
      }
      const archived = yield* create(user, { title: "Ελλάδα" })
      expect(yield* titles(user, "")).toEqual({
        titles: ["Ελλάδα", "Dog_1", "Cat 100%", "Ant", "Bee"],
        total: 5,
      })
      const ant = Object((yield* app.request("GET", "/api/conversations?folder_id=insects", { token })).json)
      expect(ant).toMatchObject({ total: 1, has_more: false, conversations: [{ title: "Ant" }] })
      yield* app.request("PUT", `/api/conversations/${ant.conversations[0].id}`, {
        token,
        body: { is_pinned: true },
      })
      yield* app.request("POST", `/api/conversations/${archived}/archive`, { token })
      expect(yield* titles(user, "?sort=title")).toEqual({
        titles: ["Ant", "Bee", "Cat 100%", "Dog_1"],
        total: 4,
      })
      expect(yield* titles(user, "?archived=true")).toEqual({ titles: ["Ελλάδα"], total: 1 })
      for (const [search, expected] of [
        ["%", ["Cat 100%"]],
        ["_", ["Dog_1"]],
        ["CAT", ["Cat 100%"]],
        ["zebra", []],
      ] as const) {
        const query = `?search=${encodeURIComponent(search)}`
        expect([search, yield* titles(user, query)]).toEqual([
          search,
          { titles: expected, total: expected.length },
        ])
      }
      const page = yield* app.request("GET", "/api/conversations?page=2&limit=3&sort=created_at", { token })
      expect(page.json).toMatchObject({
        conversations: [{ title: "Bee" }],
        total: 4,
        page: 2,
        limit: 3,
        has_more: false,
      })
      const skipped = yield* app.request("GET", "/api/conversations?skip=1&limit=2", { token })
      expect(skipped.json).toMatchObject({
        conversations: [{ title: "Dog_1" }, { title: "Cat 100%" }],
        has_more: true,
      })
      const result = yield* titles(user, `/search?q=${encodeURIComponent("ελλάδα")}`)
      expect(result.titles).toEqual(["Ελλάδα"])
      const rejected = yield* app.request("GET", "/api/conversations?sort=nothing", { token })
      expect([rejected.status, rejected.json]).toMatchObject([400, { fields: [{ field: "sort" }] }])
    }),
  )

  it.live("finds the user's own messages, latest first", () =>
    Effect.gen(function* () {
      const { app, user, config, conversation } = yield* seedConversation
      const { token } = user
      yield* send(user, { conversation_id: conversation, config_id: config, message: "50% of REACT_apps" })
      const search = (q: string, limit = "") =>
        app.request("GET", `/api/conversations/search/messages?q=${encodeURIComponent(q)}${limit}`, { token })
      const result = yield* search("react")
      const results = Object(result.json).results
      expect(result.json).toEqual({ results, query: "react", total: 4 })
      expect(results[0]).toEqual({
        id: expect.any(String),
        conversation_id: conversation,
        role: "assistant",
        content: "You said: 50% of REACT_apps",
        created_at: time,
      })
      expect(Object((yield* search("0% of react_A")).json).total).toBe(2)
      expect(Object((yield* search("react", "&limit=1")).json).total).toBe(1)
      expect((yield* search("react", "&limit=101")).status).toBe(400)
      expect((yield* app.request("GET", "/api/conversations/search", { token })).status).toBe(400)
      const otherUser = yield* app.newUser()
      const otherResult = yield* app.request("GET", "/api/conversations/search/messages?q=react", {
        token: otherUser.token,
      })
      expect(otherResult.json).toEqual({ results: [], query: "react", total: 0 })
      yield* app.request("DELETE", `/api/conversations/${conversation}`, { token })
      const sql = yield* SqlClient.SqlClient
      const left = yield* sql`select id from messages where user_id = ${user.id}`
      expect([left.length, Object((yield* search("react")).json).total]).toEqual([0, 0])
    }),
  )

  it.live("counts tokens as the usage account does, and toggles archived once per concurrent request", () =>
    Effect.gen(function* () {
      const { app, user, conversation } = yield* seedConversation
      const { token } = user
      const read = yield* app.request("GET", `/api/conversations/${conversation}`, { token })
      const { stats } = Object(read.json).conversation
      const me = yield* app.request("GET", "/api/auth/me", { token })
      expect(stats.total_tokens).toBeGreaterThan(0)
      expect(me.json).toMatchObject({ usage: { tokens_used: stats.total_tokens, messages_sent: 1 } })
      const toggles = yield* Effect.all(
        Array.from({ length: 9 }, () =>
          app.request("POST", `/api/conversations/${conversation}/archive`, { token }),
        ),
        { concurrency: "unbounded" },
      )
      expect(toggles.filter(({ json }) => Object(json).is_archived).length).toBe(5)
      expect((yield* titles(user, "?archived=true")).total).toBe(1)
      expect((yield* titles(user, "")).total).toBe(0)
    }),
  )

  it.live("accepts empty filters and null fields as forms send them, and searches page by page", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      for (const title of ["zoo", "Zebra", "apple", "Äpfel", "10"])
        yield* create(user, { title, folder_id: "words" })
      const result = { titles: ["10", "Äpfel", "apple", "Zebra", "zoo"], total: 5 }
      expect(yield* titles(user, "?sort=title")).toEqual(result)
      expect(yield* titles(user, "?sort=title&folder_id=words&skip=3")).toEqual({
        titles: ["Zebra", "zoo"],
        total: 5,
      })
      expect(yield* titles(user, "?sort=title&folder_id=&search=")).toEqual(result)
      const search = (query: string) => app.request("GET", `/api/conversations/search?${query}`, { token })
      const first = Object((yield* search("q=z&limit=1")).json)
      expect(first).toMatchObject({ query: "z", total: 2, page: 1, limit: 1, has_more: true })
      expect(first.conversations).toMatchObject([{ title: "Zebra" }])
      const second = yield* search("q=z&limit=1&page=2")
      expect(second.json).toMatchObject({ conversations: [{ title: "zoo" }], has_more: false })
      expect((yield* search("q=nothing")).json).toEqual({
        conversations: [],
        query: "nothing",
        total: 0,
        page: 1,
        limit: 100,
        has_more: false,
      })
      const body = { title: null, config_id: null, folder_id: null }
      const untitled = yield* app.request("POST", "/api/conversations", { token, body })
      expect([untitled.status, untitled.at("conversation.title")]).toEqual([201, "New chat"])
    }),
  )
})
