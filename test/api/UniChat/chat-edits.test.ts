import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import { newConfig, seedConversation, send } from "./chatFixtures"

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const plain = { attachments: [], is_edited: false, edit_history: [] }

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Chat edits", (it) => {
  it.live(
    "edits a prompt, stores its history, and regenerates the answer without the messages after it",
    () =>
      Effect.gen(function* () {
        const { app, user, config, conversation, sent } = yield* seedConversation
        const provider = yield* Provider
        const { token } = user
        yield* send(user, { conversation_id: conversation, config_id: config, message: "And Vue?" })
        const id = sent.at("user_message.id")
        const path = `/api/chat/messages/${id}`
        const edited = yield* app.request("PUT", path, { token, body: { content: "What is Solid?" } })
        expect([edited.status, edited.json]).toEqual([
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
        const regenerated = yield* app.request("PUT", path, {
          token,
          body: { content: "What is Svelte?", regenerate: true },
        })
        expect(regenerated.status).toBe(200)
        expect(regenerated.json).toMatchObject({
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
        const answerId = regenerated.at("assistant_message.id")
        const rejected = yield* app.request("PUT", `/api/chat/messages/${answerId}`, {
          token,
          body: { content: "x" },
        })
        expect([rejected.status, rejected.at("code")]).toEqual([400, "INVALID_MESSAGE_ROLE"])
      }),
  )

  it.live("regenerates an answer, and leaves one answer after two concurrent requests", () =>
    Effect.gen(function* () {
      const { app, user, conversation, sent } = yield* seedConversation
      const { token } = user
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
      expect([prompt.status, prompt.at("code")]).toEqual([400, "INVALID_MESSAGE_ROLE"])
      const concurrent = yield* Effect.all(
        [1, 2].map(() => app.request("POST", `/api/chat/regenerate/${again.at("message.id")}`, { token })),
        { concurrency: "unbounded" },
      )
      const [one, other] = concurrent.map(({ status }) => status).sort()
      expect([one, [200, 404, 502].includes(other ?? 0)]).toEqual([200, true])
      const list = yield* app.request("GET", `/api/chat/${conversation}/messages`, { token })
      expect(list.json).toMatchObject({ total: 2, messages: [{ role: "user" }, { role: "assistant" }] })
    }),
  )

  it.live("deletes a single message, and stops an answer that is deleted during generation", () =>
    Effect.gen(function* () {
      const { app, user, config, conversation, sent } = yield* seedConversation
      const provider = yield* Provider
      const { token } = user
      yield* send(user, { conversation_id: conversation, config_id: config, message: "Two" })
      const deleted = yield* app.request("DELETE", `/api/chat/messages/${sent.at("assistant_message.id")}`, {
        token,
      })
      expect([deleted.status, deleted.json]).toEqual([200, { message: "Message deleted" }])
      const messages = app.request("GET", `/api/chat/${conversation}/messages`, { token })
      expect((yield* messages).json).toMatchObject({
        total: 3,
        messages: [{ content: "What is React?" }, { content: "Two" }, { role: "assistant" }],
      })
      yield* provider.script(answer("Half", waitFor(new Latch())))
      const requestCount = provider.requests.length
      const waiting = yield* Effect.fork(
        send(user, { conversation_id: conversation, config_id: config, message: "Three" }),
      )
      const received = yield* provider.received(requestCount)
      const listed = Object((yield* messages).json).messages
      expect((yield* app.request("DELETE", `/api/chat/messages/${listed[4].id}`, { token })).status).toBe(200)
      expect(yield* received.outcome).toBe("aborted")
      // The waiting request may still return the content that existed when generation stopped.
      expect([200, 502]).toContain((yield* waiting).status)
      expect((yield* messages).json).toMatchObject({ total: 4 })
      const sql = yield* SqlClient.SqlClient
      const [account] =
        yield* sql`select tokens_reserved as reserved from usage_accounts where user_id = ${user.id}`
      expect(account).toEqual({ reserved: 0 })
    }),
  )

  it.live("generates a title after the first answer unless the user set one", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const config = yield* newConfig(user)
      const provider = yield* Provider
      yield* provider.script(answer("It is."), answer('"React in Brief."\n'))
      const sent = yield* send(user, { config_id: config, message: "What is React?" })
      const path = `/api/conversations/${sent.at("conversation_id")}`
      const title = Effect.map(app.request("GET", path, { token }), (got) => got.at("conversation.title"))
      expect(
        yield* title.pipe(
          Effect.delay("20 millis"),
          Effect.repeat({ until: (current) => current !== "New chat" }),
        ),
      ).toBe("React in Brief")
      yield* provider.script(answer("Long."), answer("A sentence that goes on for much too long ".repeat(5)))
      const next = yield* send(user, { config_id: config, message: "Tell me about the history of\nFrance" })
      const other = Effect.map(
        app.request("GET", `/api/conversations/${next.at("conversation_id")}`, { token }),
        (got) => got.at("conversation.title"),
      )
      expect(
        yield* other.pipe(
          Effect.delay("20 millis"),
          Effect.repeat({ until: (current) => current !== "New chat" }),
        ),
      ).toBe("Tell me about the history of")
      const created = yield* app.request("POST", "/api/conversations", {
        token,
        body: { title: "Mine", config_id: config },
      })
      const requestCount = provider.requests.length
      yield* send(user, {
        conversation_id: created.at("conversation.id"),
        config_id: config,
        message: "Hello",
      })
      yield* Effect.sleep("50 millis")
      expect(provider.requests.length).toBe(requestCount + 1)
    }),
  )
})
