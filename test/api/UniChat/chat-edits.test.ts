import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import { newConfig, send, talking } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const plain = { attachments: [], is_edited: false, edit_history: [] }

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Second thoughts", (it) => {
  it.live("edits a prompt, keeps what it said, and answers it anew without what came after", () =>
    Effect.gen(function* () {
      const { app, person, config, conversation, sent } = yield* talking
      const provider = yield* Provider
      const { token } = person
      yield* send(person, { conversation_id: conversation, config_id: config, message: "And Vue?" })
      const id = sent.at("user_message.id")
      const path = `/api/chat/messages/${id}`
      const reworded = yield* app.request("PUT", path, { token, body: { content: "What is Solid?" } })
      expect([reworded.status, reworded.json]).toEqual([
        200,
        {
          message: {
            ...plain,
            id,
            conversation_id: conversation,
            role: "user",
            content: "What is Solid?",
            is_edited: true,
            edit_history: [{ content: "What is React?", edited_at: time }],
            created_at: time,
          },
          deleted_count: 0,
        },
      ])
      yield* provider.script(answer("Signals."))
      const before = provider.requests.length
      const anew = yield* app.request("PUT", path, {
        token,
        body: { content: "What is Svelte?", regenerate: true },
      })
      expect(anew.status).toBe(200)
      expect(anew.json).toMatchObject({
        message: {
          id,
          content: "What is Svelte?",
          is_edited: true,
          edit_history: [{ content: "What is React?" }, { content: "What is Solid?" }],
        },
        deleted_count: 3,
        assistant_message: {
          role: "assistant",
          content: "Signals.",
          metadata: { model_id: "openai/scripted" },
        },
      })
      expect(provider.requests[before]?.body.messages.at(-1)).toEqual({
        role: "user",
        content: "What is Svelte?",
      })
      const list = yield* app.request("GET", `/api/conversations/${conversation}`, { token })
      expect(list.json).toMatchObject({
        conversation: { message_count: 2 },
        messages: [{ id }, { content: "Signals." }],
      })
      const answerId = anew.at("assistant_message.id")
      const wrong = yield* app.request("PUT", `/api/chat/messages/${answerId}`, {
        token,
        body: { content: "x" },
      })
      expect([wrong.status, wrong.at("code")]).toEqual([400, "WRONG_MESSAGE"])
    }),
  )

  it.live("writes an answer again, and for two who ask at once leaves one answer", () =>
    Effect.gen(function* () {
      const { app, person, conversation, sent } = yield* talking
      const { token } = person
      const first = sent.at("assistant_message.id")
      yield* (yield* Provider).script(answer("Better."))
      const again = yield* app.request("POST", `/api/chat/regenerate/${first}`, { token })
      expect([again.status, again.json]).toMatchObject([
        200,
        {
          message: { role: "assistant", content: "Better.", conversation_id: conversation },
          deleted_count: 1,
        },
      ])
      expect(again.at("message.id")).not.toBe(first)
      expect((yield* app.request("POST", `/api/chat/regenerate/${first}`, { token })).status).toBe(404)
      const prompt = yield* app.request("POST", `/api/chat/regenerate/${sent.at("user_message.id")}`, {
        token,
      })
      expect([prompt.status, prompt.at("code")]).toEqual([400, "WRONG_MESSAGE"])
      const both = yield* Effect.all(
        [1, 2].map(() => app.request("POST", `/api/chat/regenerate/${again.at("message.id")}`, { token })),
        { concurrency: "unbounded" },
      )
      const [one, other] = both.map(({ status }) => status).sort()
      expect([one, [200, 404, 502].includes(other ?? 0)]).toEqual([200, true])
      const list = yield* app.request("GET", `/api/chat/${conversation}/messages`, { token })
      expect(list.json).toMatchObject({ total: 2, messages: [{ role: "user" }, { role: "assistant" }] })
    }),
  )

  it.live("deletes a message alone, and stops an answer that is deleted while it is written", () =>
    Effect.gen(function* () {
      const { app, person, config, conversation, sent } = yield* talking
      const provider = yield* Provider
      const { token } = person
      yield* send(person, { conversation_id: conversation, config_id: config, message: "Two" })
      const gone = yield* app.request("DELETE", `/api/chat/messages/${sent.at("assistant_message.id")}`, {
        token,
      })
      expect([gone.status, gone.json]).toEqual([200, { message: "Message deleted" }])
      const messages = app.request("GET", `/api/chat/${conversation}/messages`, { token })
      expect((yield* messages).json).toMatchObject({
        total: 3,
        messages: [{ content: "What is React?" }, { content: "Two" }, { role: "assistant" }],
      })
      yield* provider.script(answer("Half", waitFor(new Latch())))
      const asked = provider.requests.length
      const waiting = yield* Effect.fork(
        send(person, { conversation_id: conversation, config_id: config, message: "Three" }),
      )
      const received = yield* provider.received(asked)
      const listed = Object((yield* messages).json).messages
      expect((yield* app.request("DELETE", `/api/chat/messages/${listed[4].id}`, { token })).status).toBe(200)
      expect(yield* received.ended).toBe("aborted")
      // Who waits for it may still find what was said until it stopped.
      expect([200, 502]).toContain((yield* waiting).status)
      expect((yield* messages).json).toMatchObject({ total: 4 })
      const sql = yield* SqlClient.SqlClient
      const [open] =
        yield* sql`select tokens_reserved as held from usage_accounts where user_id = ${person.id}`
      expect(open).toEqual({ held: 0 })
    }),
  )

  it.live("finds a title after the first answer, unless a person gave one", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const { token } = person
      const config = yield* newConfig(person)
      const provider = yield* Provider
      yield* provider.script(answer("It is."), answer('"React in Brief."\n'))
      const sent = yield* send(person, { config_id: config, message: "What is React?" })
      const path = `/api/conversations/${sent.at("conversation_id")}`
      const title = Effect.map(app.request("GET", path, { token }), (got) => got.at("conversation.title"))
      expect(
        yield* title.pipe(
          Effect.delay("20 millis"),
          Effect.repeat({ until: (found) => found !== "New chat" }),
        ),
      ).toBe("React in Brief")
      yield* provider.script(answer("Long."), answer("A sentence that goes on for much too long ".repeat(5)))
      const next = yield* send(person, { config_id: config, message: "Tell me about the history of\nFrance" })
      const other = Effect.map(
        app.request("GET", `/api/conversations/${next.at("conversation_id")}`, { token }),
        (got) => got.at("conversation.title"),
      )
      expect(
        yield* other.pipe(
          Effect.delay("20 millis"),
          Effect.repeat({ until: (found) => found !== "New chat" }),
        ),
      ).toBe("Tell me about the history of")
      const made = yield* app.request("POST", "/api/conversations", {
        token,
        body: { title: "Mine", config_id: config },
      })
      const asked = provider.requests.length
      yield* send(person, {
        conversation_id: made.at("conversation.id"),
        config_id: config,
        message: "Hello",
      })
      yield* Effect.sleep("50 millis")
      expect(provider.requests.length).toBe(asked + 1)
    }),
  )
})
