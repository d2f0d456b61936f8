import { expect } from "bun:test"
import { Effect, FastCheck as fc } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const unknownId = "01890000-0000-7000-8000-000000000000"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("ChatGuide chats", (it) => {
  it.live("creates and reads a chat and lists chats newest first, as documented", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const created = yield* app.request("POST", "/api/chats", { token, body: { title: "My first chat" } })
      const id = created.at("data.chat.id")
      const chat = { id, userId: user.id, title: "My first chat", createdAt: time }
      expect(created.status).toBe(201)
      expect(created.json).toEqual({ data: { chat, created: true }, statusCode: 201, timestamp: time })

      const read = yield* app.request("GET", `/api/chats/${id}`, { token })
      expect(read.status).toBe(200)
      expect(read.json).toEqual({ data: chat, statusCode: 200, timestamp: time })

      yield* app.sendPrompt(user, id, "hello")
      const second = yield* app.newChat(user, "Another")
      const list = yield* app.request("GET", "/api/chats", { token })
      expect(list.status).toBe(200)
      expect(list.json).toEqual({
        data: [{ ...chat, id: second, title: "Another" }, chat],
        statusCode: 200,
        timestamp: time,
      })
    }),
  )

  it.live("reuses an empty chat unchanged and creates chats without a title or body", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const created = yield* app.request("POST", "/api/chats", { token })
      expect(created.json).toMatchObject({ data: { created: true, chat: { title: "New chat" } } })
      const again = yield* app.request("POST", "/api/chats", { token, body: { title: "Other" } })
      expect(again.status).toBe(201)
      expect(again.json).toMatchObject({
        data: { created: false, chat: { id: created.at("data.chat.id"), title: "New chat" } },
      })
      const archivePath = `/api/conversations/${created.at("data.chat.id")}/archive`
      expect((yield* app.request("POST", archivePath, { token })).status).toBe(200)
      const withNullTitle = yield* app.request("POST", "/api/chats", { token, body: { title: null } })
      expect(withNullTitle.json).toMatchObject({ data: { created: true, chat: { title: "New chat" } } })
    }),
  )

  it.live("returns the same empty chat to ten concurrent requests", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const answers = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, index) => `title ${index}`),
        (title) => app.request("POST", "/api/chats", { token: user.token, body: { title } }),
        { concurrency: "unbounded" },
      )
      expect(new Set(answers.map((answer) => answer.at("data.chat.id"))).size).toBe(1)
      expect(answers.filter(({ text }) => text.includes('"created":true')).length).toBe(1)
      const list = yield* app.request("GET", "/api/chats", { token: user.token })
      expect((list.json as { data: Array<unknown> }).data.length).toBe(1)
    }),
  )

  it.live("answers 404 for other users' chats and for unknown or malformed ids", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const { token } = yield* app.newUser()
      const chat = yield* app.newChat(owner)
      const before = (yield* Provider).requests.length
      const ids = [
        chat,
        unknownId,
        "1",
        "null",
        "x".repeat(99),
        "x".repeat(5000),
        "%00",
        "%ff%fe",
        "a%2fb",
        "'%20or%201=1",
        "é",
        "%F0%9F%98%80",
      ]
      for (const id of ids) {
        for (const path of ["", "/messages", "/messages/stream?content=hi"]) {
          const answer = yield* app.request("GET", `/api/chats/${id}${path}`, { token })
          expect([id, path, answer.status]).toEqual([id, path, 404])
          expect(answer.json).toMatchObject({
            statusCode: 404,
            requestId: answer.headers.get("x-request-id"),
          })
        }
      }
      const messages = yield* app.request("GET", `/api/chats/${chat}/messages`, { token: owner.token })
      expect(messages.json).toMatchObject({ data: { items: [], total: 0 } })
      expect((yield* Provider).requests.length).toBe(before)
    }),
  )

  const steps = fc.array(fc.oneof(fc.constant("create"), fc.constant("prompt"), fc.constant("createTwice")), {
    maxLength: 7,
  })

  it.prop(
    "keeps at most one empty chat, for any sequence of operations",
    [steps],
    (sequence) =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const create = Effect.map(app.request("POST", "/api/chats", { token: user.token }), (answer) => ({
          id: answer.at("data.chat.id"),
          created: answer.text.includes('"created":true'),
        }))
        let empty: string | undefined
        const all = new Set<string>()
        for (const step of sequence) {
          if (step === "prompt") {
            const chat = empty ?? [...all][0]
            if (chat === undefined) continue
            yield* app.sendPrompt(user, chat, "hi")
            empty = undefined
          } else {
            const times = step === "create" ? 1 : 2
            const results = yield* Effect.all(
              Array.from({ length: times }, () => create),
              { concurrency: 2 },
            )
            expect(new Set(results.map(({ id }) => id)).size).toBe(1)
            expect(results.filter(({ created }) => created).length).toBe(empty === undefined ? 1 : 0)
            if (empty !== undefined) expect(results[0]?.id).toBe(empty)
            empty = results[0]?.id
            if (empty !== undefined) all.add(empty)
          }
          expect(yield* emptyChatIds(user)).toEqual(empty === undefined ? [] : [empty])
        }
      }),
    { numRuns: 12, timeout: 30_000 },
  )
})

/** Returns the ids of the user's chats without messages. */
const emptyChatIds = Effect.fn(function* ({ token }: TestUser) {
  const app = yield* App
  const list = (yield* app.request("GET", "/api/chats", { token })).json as {
    data: ReadonlyArray<{ id: string }>
  }
  const totals = yield* Effect.forEach(list.data, ({ id }) =>
    Effect.map(app.request("GET", `/api/chats/${id}/messages`, { token }), ({ json }) => ({
      id,
      ...Object(json).data,
    })),
  )
  return totals.flatMap(({ id, total }) => (total === 0 ? [id] : []))
})
