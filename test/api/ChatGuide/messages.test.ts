import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer } from "../../support/Provider/Script"

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

/** A chat in which these prompts were sent, each answered with "re: " and the prompt. */
const chatWith = Effect.fn(function* (prompts: ReadonlyArray<string>) {
  const app = yield* App
  const person = yield* app.newUser()
  const chat = yield* app.newChat(person)
  for (const prompt of prompts) {
    yield* (yield* Provider).script(answer(`re: ${prompt}`))
    yield* app.sendPrompt(person, chat, prompt)
  }
  return { person, chat }
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Messages", (it) => {
  it.live("are listed oldest first, in the guide's envelope, twenty a page", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { person, chat } = yield* chatWith(["one"])
      const list = yield* app.request("GET", `/api/chats/${chat}/messages`, { token: person.token })
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

  it.live("come in pages that together are the whole, and none past the end", () =>
    Effect.gen(function* () {
      const { person, chat } = yield* chatWith(["1", "2", "3", "4"])
      const whole = contents(yield* pageOf(person, chat))
      expect(whole).toEqual(["1", "re: 1", "2", "re: 2", "3", "re: 3", "4", "re: 4"])
      const pages = yield* Effect.forEach([1, 2, 3, 4], (page) =>
        pageOf(person, chat, { page: String(page), limit: "3" }),
      )
      expect(pages.flatMap(contents)).toEqual(whole)
      expect(pages.map(({ items, total, page, limit }) => [items.length, total, page, limit])).toEqual([
        [3, 8, 1, 3],
        [3, 8, 2, 3],
        [2, 8, 3, 3],
        [0, 8, 4, 3],
      ])
      expect(yield* pageOf(person, chat, { page: "1000000000", limit: "1000" })).toMatchObject({
        items: [],
        total: 8,
      })
      const filtered = yield* pageOf(person, chat, { role: "USER", page: "2", limit: "3" })
      expect([contents(filtered), filtered.total]).toEqual([["4"], 4])
    }),
  )

  it.live("are filtered by role and by time, both ends left out, also together", () =>
    Effect.gen(function* () {
      const { person, chat } = yield* chatWith(["a", "b", "c"])
      const { items } = yield* pageOf(person, chat)
      expect(contents(yield* pageOf(person, chat, { role: "USER" }))).toEqual(["a", "b", "c"])
      expect(contents(yield* pageOf(person, chat, { role: "ASSISTANT" }))).toEqual([
        "re: a",
        "re: b",
        "re: c",
      ])
      const at = (index: number) => items[index]?.createdAt ?? ""
      expect(contents(yield* pageOf(person, chat, { before: at(2) }))).toEqual(["a", "re: a"])
      expect(contents(yield* pageOf(person, chat, { after: at(3) }))).toEqual(["c", "re: c"])
      const both = yield* pageOf(person, chat, {
        after: at(0),
        before: at(5),
        role: "ASSISTANT",
        search: "RE",
      })
      expect([contents(both), both.total]).toEqual([["re: a", "re: b"], 2])
      const elsewhere = new Date(Date.parse(at(2)) + 3_600_000).toISOString().replace("Z", "+01:00")
      expect(contents(yield* pageOf(person, chat, { before: elsewhere }))).toEqual(["a", "re: a"])
    }),
  )

  it.live("are searched for text as it stands, in upper or lower case of any alphabet", () =>
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
      const { person, chat } = yield* chatWith(prompts)
      const found = (search: string) => Effect.map(pageOf(person, chat, { search, role: "USER" }), contents)
      expect(yield* found("%")).toEqual(["100% sure"])
      expect(yield* found("0%")).toEqual(["100% sure"])
      expect(yield* found("_")).toEqual(["snake_case"])
      expect(yield* found("\\")).toEqual(["back\\slash"])
      expect(yield* found("'")).toEqual(["quote ' here"])
      expect(yield* found("SNAKE")).toEqual(["snake_case"])
      expect(yield* found("café DÉJÀ")).toEqual(["CAFÉ déjà"])
      expect(yield* found("жук ЖИВ")).toEqual(["ЖУК жив"])
      expect(yield* found("cafe")).toEqual([])
      expect(yield* found("")).toEqual(prompts)
    }),
  )

  it.live("refuse filters that make no sense, all at once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const chat = yield* app.newChat(person)
      const query = "page=abc&limit=100000&role=SYSTEM&before=yesterday&after=2026-13-45&search=%00"
      const refused = yield* app.request("GET", `/api/chats/${chat}/messages?${query}`, {
        token: person.token,
      })
      expect(refused.status).toBe(400)
      expect(refused.json).toMatchObject({
        details: [
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
          token: person.token,
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
          token: person.token,
        })
        expect([value, answer.status]).toEqual([value, 400])
      }
      const twice = yield* app.request("GET", `/api/chats/${chat}/messages?page=1&page=2&search=a&search=b`, {
        token: person.token,
      })
      expect([twice.status, twice.json]).toMatchObject([
        400,
        {
          details: [
            { field: "page", message: "must be given only once" },
            { field: "search", message: "must be given only once" },
          ],
        },
      ])
    }),
  )
})
