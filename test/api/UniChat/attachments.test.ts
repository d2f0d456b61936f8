import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { pixel } from "../../support/Provider/Wire"
import { send, talking } from "./chatFixtures"
import { connect } from "./socketClient"

const picture = `data:image/png;base64,${pixel}`
const text = (words: string) => `data:text/csv;base64,${Buffer.from(words).toString("base64")}`

layer(Server.layer({ TOKENS_LIMIT: "-1", MAX_FILE_BYTES: "2000000" }))("Attachments", (it) => {
  it.live("reach the model in its own format, now and in later turns, and are told of with the message", () =>
    Effect.gen(function* () {
      const { person, config, conversation, app } = yield* talking
      const provider = yield* Provider
      const before = provider.requests.length
      const message = { conversation_id: conversation, config_id: config }
      const sent = yield* send(person, {
        ...message,
        message: "What are these?",
        attachments: [picture, { data: text("a,b\n1,2\n"), name: "table.csv" }],
      })
      expect(sent.status).toBe(200)
      const { attachments } = Object(sent.json).user_message
      expect(attachments).toEqual([
        { id: expect.any(String), type: "image", name: "file.png", mime_type: "image/png", size: 70 },
        { id: expect.any(String), type: "file", name: "table.csv", mime_type: "text/csv", size: 8 },
      ])
      const image = { type: "image_url", image_url: { url: picture } }
      const content = [image, { type: "text", text: "table.csv:\n\na,b\n1,2\n\n\nWhat are these?" }]
      expect(provider.requests[before]?.body.messages.at(-1)).toEqual({ role: "user", content })
      yield* send(person, { ...message, message: "And now?", attachments: [attachments[0].id] })
      const { messages } = provider.requests[before + 1]?.body ?? { messages: [] }
      expect(messages.at(-3)).toEqual({ role: "user", content })
      expect(messages.at(-1)).toEqual({
        role: "user",
        content: [image, { type: "text", text: "And now?" }],
      })
      yield* app.request("DELETE", `/api/conversations/${conversation}`, { token: person.token })
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select id from files where owner_id = ${person.id}`).toEqual([])
    }),
  )

  it.live("that are none, too large, of other kinds or another's are refused, and nothing is kept", () =>
    Effect.gen(function* () {
      const { person, config, app } = yield* talking
      const theirs = yield* talking
      const other = yield* send(theirs.person, {
        config_id: theirs.config,
        message: "hi",
        attachments: [picture],
      })
      const foreign = Object(other.json).user_message.attachments[0].id
      for (const [attachments, code, state] of [
        [[42], "VALIDATION_ERROR", 400],
        [[{}], "VALIDATION_ERROR", 400],
        [Array.from({ length: 11 }, () => picture), "VALIDATION_ERROR", 400],
        [["data:image/png,plain"], "FILE_REFUSED", 400],
        [["data:image/png;base64,%%%"], "FILE_REFUSED", 400],
        [[`data:image/png;base64,${Buffer.from("MZ\u0000\u0001").toString("base64")}`], "FILE_REFUSED", 400],
        [[text("x".repeat(2_000_001))], "FILE_REFUSED", 400],
        [[picture, foreign], "FILE_NOT_FOUND", 404],
        [["none"], "FILE_NOT_FOUND", 404],
      ] as const) {
        const refused = yield* send(person, { config_id: config, message: "hi", attachments })
        expect([refused.status, refused.at("code")]).toEqual([state, code])
      }
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select id from files where owner_id = ${person.id}`).toEqual([])
      const list = yield* app.request("GET", "/api/conversations", { token: person.token })
      expect(list.json).toMatchObject({ total: 1 })
    }),
  )

  it.live("come over a socket too", () =>
    Effect.gen(function* () {
      const { person, config, conversation } = yield* talking
      const listener = yield* connect(person.token)
      const told = yield* listener.ask("send_message", {
        conversation_id: conversation,
        config_id: config,
        message: "What is this?",
        attachments: [picture],
      })
      expect(told).toMatchObject({ ok: true })
      expect(yield* listener.until("message_saved")).toMatchObject({
        message: { attachments: [{ type: "image", mime_type: "image/png" }] },
      })
      const refused = yield* listener.ask("send_message", {
        config_id: config,
        message: "x",
        attachments: ["data:,"],
      })
      expect(refused).toMatchObject({ ok: false, code: "FILE_REFUSED" })
    }),
  )
})
