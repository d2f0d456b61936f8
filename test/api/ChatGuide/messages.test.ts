import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer } from "../../support/ScriptedProvider/Script"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

interface MessagePage {
  readonly items: ReadonlyArray<{ id: string; role: string; content: string; createdAt: string }>
  readonly total: number
  readonly page: number
  readonly limit: number
}

const pageOf = Effect.fn(function* ({ token }: TestUser, chat: string, query: Record<string, string> = {}) {
  const app = yield* App
  const { status, json } = yield* app.request(
    "GET",
    `/api/chats/${chat}/messages?${new URLSearchParams(query)}`,
    { token },
  )
  expect(status).toBe(200)
  return (json as { data: MessagePage }).data
})

const contents = ({ items }: MessagePage) => items.map(({ content }) => content)

/** Creates a chat with these prompts, each answered with "re: " and the prompt. */
const chatWith = Effect.fn(function* (prompts: ReadonlyArray<string>) {
  const app = yield* App
  const user = yield* app.newUser()
  const chat = yield* app.newChat(user)
  for (const prompt of prompts) {
    yield* (yield* Provider).script(answer(`re: ${prompt}`))
    yield* app.sendPrompt(user, chat, prompt)
  }
  return { user, chat }
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("ChatGuide messages", (it) => {
  it.live("lists messages oldest first, twenty per page, in the document's envelope", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { user, chat } = yield* chatWith(["one"])
      const list = yield* app.request("GET", `/api/chats/${chat}/messages`, { token: user.token })
      expect(list.status).toBe(200)
      const shared = { id: expect.any(String), chatId: chat, createdAt: time }
      expect(list.json).toEqual({
        data: {
          items: [
            { ...shared, role: "USER", content: "one" },
            { ...shared, role: "ASSISTANT", content: "re: one" },
          ],
          total: 2,
          page: 1,
          limit: 20,
        },
        statusCode: 200,
        timestamp: time,
      })
    }),
  )

  it.live("returns pages that together contain every message once, and empty pages beyond the end", () =>
    Effect.gen(function* () {
      const { user, chat } = yield* chatWith(["1", "2", "3", "4"])
      const all = contents(yield* pageOf(user, chat))
      expect(all).toEqual(["1", "re: 1", "2", "re: 2", "3", "re: 3", "4", "re: 4"])
      const pages = yield* Effect.forEach([1, 2, 3, 4], (page) =>
        pageOf(user, chat, { page: String(page), limit: "3" }),
      )
      expect(pages.flatMap(contents)).toEqual(all)
      expect(pages.map(({ items, total, page, limit }) => [items.length, total, page, limit])).toEqual([
        [3, 8, 1, 3],
        [3, 8, 2, 3],
        [2, 8, 3, 3],
        [0, 8, 4, 3],
      ])
      expect(yield* pageOf(user, chat, { page: "1000000000", limit: "1000" })).toMatchObject({
        items: [],
        total: 8,
      })
      const filtered = yield* pageOf(user, chat, { role: "USER", page: "2", limit: "3" })
      expect([contents(filtered), filtered.total]).toEqual([["4"], 4])
    }),
  )

  it.live("filters by role, text and exclusive time bounds, also combined", () =>
    Effect.gen(function* () {
      const { user, chat } = yield* chatWith(["a", "b", "c"])
      const { items } = yield* pageOf(user, chat)
      expect(contents(yield* pageOf(user, chat, { role: "USER" }))).toEqual(["a", "b", "c"])
      expect(contents(yield* pageOf(user, chat, { role: "ASSISTANT" }))).toEqual(["re: a", "re: b", "re: c"])
      const at = (index: number) => items[index]?.createdAt ?? ""
      expect(contents(yield* pageOf(user, chat, { before: at(2) }))).toEqual(["a", "re: a"])
      expect(contents(yield* pageOf(user, chat, { after: at(3) }))).toEqual(["c", "re: c"])
      const both = yield* pageOf(user, chat, {
        after: at(0),
        before: at(5),
        role: "ASSISTANT",
        search: "RE",
      })
      expect([contents(both), both.total]).toEqual([["re: a", "re: b"], 2])
      const otherTimeZone = new Date(Date.parse(at(2)) + 3_600_000).toISOString().replace("Z", "+01:00")
      expect(contents(yield* pageOf(user, chat, { before: otherTimeZone }))).toEqual(["a", "re: a"])
    }),
  )

  it.live("searches for literal text, case-insensitively in any alphabet", () =>
    Effect.gen(function* () {
      const prompts = [
        "100% sure",
        "snake_case",
        "back\\slash",
        "CAFÉ déjà",
        "ЖУК жив",
        "quote ' here",
        "100 percent",
      ]
      const { user, chat } = yield* chatWith(prompts)
      const search = (term: string) =>
        Effect.map(pageOf(user, chat, { search: term, role: "USER" }), contents)
      expect(yield* search("%")).toEqual(["100% sure"])
      expect(yield* search("0%")).toEqual(["100% sure"])
      expect(yield* search("_")).toEqual(["snake_case"])
      expect(yield* search("\\")).toEqual(["back\\slash"])
      expect(yield* search("'")).toEqual(["quote ' here"])
      expect(yield* search("SNAKE")).toEqual(["snake_case"])
      expect(yield* search("café DÉJÀ")).toEqual(["CAFÉ déjà"])
      expect(yield* search("жук ЖИВ")).toEqual(["ЖУК жив"])
      expect(yield* search("cafe")).toEqual([])
      expect(yield* search("")).toEqual(prompts)
    }),
  )

  it.live("reports all invalid filters together", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const chat = yield* app.newChat(user)
      const query = "page=abc&limit=100000&role=SYSTEM&before=yesterday&after=2026-13-45&search=%00"
      const rejected = yield* app.request("GET", `/api/chats/${chat}/messages?${query}`, {
        token: user.token,
      })
      expect(rejected.status).toBe(400)
      expect(rejected.json).toMatchObject({
        fields: [
          { field: "page", message: "must be a whole number" },
          { field: "limit", message: "must be a number between 1 and 1000" },
          { field: "role", message: 'must be "USER" or "ASSISTANT"' },
          { field: "before", message: "must be an ISO 8601 date and time" },
          { field: "after", message: "must be an ISO 8601 date and time" },
          { field: "search", message: "must not contain NUL characters" },
        ],
      })
      for (const value of ["0", "-1", "1.5", "", "1e99", "NaN", "Infinity", "0x10", "1e3", "%201", "1%20"]) {
        const answer = yield* app.request("GET", `/api/chats/${chat}/messages?page=${value}`, {
          token: user.token,
        })
        expect([value, answer.status]).toEqual([value, 400])
      }
      for (const value of [
        "2026-02-31",
        "2025-02-29",
        "2026-02-31T10:00Z",
        "2026-01-01T24:00",
        "2026-01-01T10:60",
        "2026-01-01T10:00%2B99:00",
      ]) {
        const answer = yield* app.request("GET", `/api/chats/${chat}/messages?before=${value}`, {
          token: user.token,
        })
        expect([value, answer.status]).toEqual([value, 400])
      }
      const repeated = yield* app.request(
        "GET",
        `/api/chats/${chat}/messages?page=1&page=2&search=a&search=b`,
        {
          token: user.token,
        },
      )
      expect([repeated.status, repeated.json]).toMatchObject([
        400,
        {
          fields: [
            { field: "page", message: "must occur only once" },
            { field: "search", message: "must occur only once" },
          ],
        },
      ])
    }),
  )
})
