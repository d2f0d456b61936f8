import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { pixel } from "../../support/ScriptedProvider/Wire"
import { seedConversation, send } from "./chatFixtures"
import { connect } from "./socketClient"

const image = `data:image/png;base64,${pixel}`
const csv = (content: string) => `data:text/csv;base64,${Buffer.from(content).toString("base64")}`

layer(Server.layer({ TOKENS_LIMIT: "-1", MAX_FILE_BYTES: "2000000" }))("Attachments", (it) => {
  it.live("sends attachments to the model, also in later turns, and returns them with the message", () =>
    Effect.gen(function* () {
      const { user, config, conversation, app } = yield* seedConversation
      const provider = yield* Provider
      const before = provider.requests.length
      const message = { conversation_id: conversation, config_id: config }
      const sent = yield* send(user, {
        ...message,
        message: "What are these?",
        attachments: [image, { data: csv("a,b\n1,2\n"), name: "table.csv" }],
      })
      expect(sent.status).toBe(200)
      const { attachments } = Object(sent.json).user_message
      expect(attachments).toEqual([
        { id: expect.any(String), type: "image", name: "file.png", mime_type: "image/png", size: 70 },
        { id: expect.any(String), type: "file", name: "table.csv", mime_type: "text/csv", size: 8 },
      ])
      const imagePart = { type: "image_url", image_url: { url: image } }
      const content = [imagePart, { type: "text", text: "table.csv:\n\na,b\n1,2\n\n\nWhat are these?" }]
      expect(provider.requests[before]?.body.messages.at(-1)).toEqual({ role: "user", content })
      yield* send(user, { ...message, message: "And now?", attachments: [attachments[0].id] })
      const { messages } = provider.requests[before + 1]?.body ?? { messages: [] }
      expect(messages.at(-3)).toEqual({ role: "user", content })
      expect(messages.at(-1)).toEqual({
        role: "user",
        content: [imagePart, { type: "text", text: "And now?" }],
      })
      yield* app.request("DELETE", `/api/conversations/${conversation}`, { token: user.token })
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select id from files where owner_id = ${user.id}`).toEqual([])
    }),
  )

  it.live(
    "rejects attachments that are malformed, too large, unsupported or another user's, and stores nothing",
    () =>
      Effect.gen(function* () {
        const { user, config, app } = yield* seedConversation
        const other = yield* seedConversation
        const sent = yield* send(other.user, {
          config_id: other.config,
          message: "hi",
          attachments: [image],
        })
        const otherUsersFile = Object(sent.json).user_message.attachments[0].id
        for (const [attachments, code, state] of [
          [[42], "VALIDATION_ERROR", 400],
          [[{}], "VALIDATION_ERROR", 400],
          [Array.from({ length: 11 }, () => image), "VALIDATION_ERROR", 400],
          [["data:image/png,plain"], "INVALID_FILE", 400],
          [["data:image/png;base64,%%%"], "INVALID_FILE", 400],
          [
            [`data:image/png;base64,${Buffer.from("MZ\u0000\u0001").toString("base64")}`],
            "INVALID_FILE",
            400,
          ],
          [[csv("x".repeat(2_000_001))], "INVALID_FILE", 400],
          [[image, otherUsersFile], "FILE_NOT_FOUND", 404],
          [["none"], "FILE_NOT_FOUND", 404],
        ] as const) {
          const rejected = yield* send(user, { config_id: config, message: "hi", attachments })
          expect([rejected.status, rejected.at("code")]).toEqual([state, code])
        }
        const sql = yield* SqlClient.SqlClient
        expect(yield* sql`select id from files where owner_id = ${user.id}`).toEqual([])
        const list = yield* app.request("GET", "/api/conversations", { token: user.token })
        expect(list.json).toMatchObject({ total: 1 })
      }),
  )

  it.live("accepts attachments over Socket.IO", () =>
    Effect.gen(function* () {
      const { user, config, conversation } = yield* seedConversation
      const listener = yield* connect(user.token)
      const reply = yield* listener.emitWithAck("send_message", {
        conversation_id: conversation,
        config_id: config,
        message: "What is this?",
        attachments: [image],
      })
      expect(reply).toMatchObject({ ok: true })
      expect(yield* listener.waitForEvent("message_saved")).toMatchObject({
        message: { attachments: [{ type: "image", mime_type: "image/png" }] },
      })
      const rejected = yield* listener.emitWithAck("send_message", {
        config_id: config,
        message: "x",
        attachments: ["data:,"],
      })
      expect(rejected).toMatchObject({ ok: false, code: "INVALID_FILE" })
    }),
  )
})
