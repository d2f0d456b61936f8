import { expect } from "bun:test"
import { Effect } from "effect"
import { io } from "socket.io-client"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, status, usage, waitFor } from "../../support/ScriptedProvider/Script"
import { newConfig, seedConversation, send } from "./chatFixtures"
import { connect } from "./socketClient"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Socket.IO", (it) => {
  for (const transport of ["websocket", "polling"] as const) {
    it.live(`sends the prompt, the chunks of the answer and the title over ${transport}`, () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const config = yield* newConfig(user)
        yield* (yield* Provider).script(answer("React ", "is it.", usage(5, 7)), answer("On React"))
        const client = yield* connect(user.token, [transport])
        expect(client.received[0]).toEqual(["authenticated", { user_id: user.id }])
        client.socket.emit("send_message", {
          config_id: config,
          message: "What is React?",
          attachments: [],
        })
        yield* client.waitForEvent("title_updated")
        expect(client.eventNames).toEqual([
          "conversation_created",
          "message_saved",
          "message_start",
          "message_chunk",
          "message_complete",
          "title_updated",
        ])
        const [created] = client.payloads("conversation_created")
        const conversation_id = Object(created).conversation.id
        expect(created).toMatchObject({ conversation: { config_id: config, user_id: user.id } })
        const [saved] = client.payloads("message_saved")
        expect(saved).toMatchObject({
          conversation_id,
          message: { role: "user", content: "What is React?", conversation_id },
        })
        const [start] = client.payloads("message_start")
        const { message_id } = Object(start)
        expect(start).toEqual({ message_id, conversation_id, generation_id: expect.any(String) })
        const chunks = client.payloads("message_chunk")
        expect(chunks.map(({ content }) => content).join("")).toBe("React is it.")
        expect(chunks.every((chunk) => chunk["message_id"] === message_id)).toBe(true)
        const indexes = chunks.map(({ index }) => Number(index))
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b))
        expect(client.payloads("message_complete")).toEqual([
          {
            message_id,
            conversation_id,
            content: "React is it.",
            metadata: {
              model_id: "openai/scripted",
              tokens: { prompt: 5, completion: 7 },
              generation_time_ms: expect.any(Number),
              cost_usd: Object(client.payloads("message_complete")[0]).metadata.cost_usd,
            },
          },
        ])
        expect(client.payloads("title_updated")).toEqual([{ title: "On React", conversation_id }])
      }),
    )
  }

  it.live("rejects connections without a valid token and disconnects when the session is revoked", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const token of [undefined, "", "junk", 42, { a: 1 }]) {
        const error = yield* Effect.promise(
          () =>
            new Promise<Error & { data?: unknown }>((resolve) => {
              const socket = io(app.url, { auth: { token }, transports: ["websocket"], reconnection: false })
              socket.on("connect_error", (error) => {
                socket.disconnect()
                resolve(error)
              })
            }),
        )
        expect([token, error.data]).toEqual([token, { code: "UNAUTHORIZED" }])
      }
      const user = yield* app.newUser()
      const client = yield* connect(`Bearer ${user.token}`)
      const disconnected = new Promise((resolve) => client.socket.on("disconnect", resolve))
      yield* app.request("POST", "/api/auth/logout", { token: user.token })
      expect(yield* Effect.promise(() => disconnected)).toBe("io server disconnect")
    }),
  )

  it.live("reports failed events and keeps the socket connected", () =>
    Effect.gen(function* () {
      const { app, user, config, sent } = yield* seedConversation
      const newUser = yield* app.newUser()
      const other = yield* seedConversation
      const client = yield* connect(user.token)
      const invalid = [
        ["send_message", undefined, "VALIDATION_ERROR"],
        ["send_message", "text", "VALIDATION_ERROR"],
        ["send_message", { config_id: config }, "VALIDATION_ERROR"],
        ["send_message", { config_id: config, message: "a\u0000b" }, "VALIDATION_ERROR"],
        ["send_message", { config_id: other.config, message: "hi" }, "CONFIG_NOT_FOUND"],
        [
          "send_message",
          { config_id: config, message: "hi", conversation_id: other.conversation },
          "CONVERSATION_NOT_FOUND",
        ],
        ["stop_generation", { message_id: other.sent.at("assistant_message.id") }, "MESSAGE_NOT_FOUND"],
        ["regenerate_message", { message_id: other.sent.at("assistant_message.id") }, "MESSAGE_NOT_FOUND"],
        ["regenerate_message", { message_id: sent.at("user_message.id") }, "INVALID_MESSAGE_ROLE"],
        ["follow_message", { message_id: other.sent.at("assistant_message.id") }, "MESSAGE_NOT_FOUND"],
        ["stop_generation", { message_id: 5 }, "VALIDATION_ERROR"],
      ] as const
      for (const [event, payload, code] of invalid) {
        const reply = yield* client.emitWithAck(event, payload)
        expect([event, reply]).toMatchObject([event, { ok: false, code }])
      }
      const errors = client.payloads("error")
      expect(errors.map(({ event, code }) => [event, code])).toEqual(
        invalid.map(([event, , code]) => [event, code]),
      )
      expect(errors[2]).toMatchObject({ fields: [{ field: "message", message: "is required" }] })
      client.socket.emit("unknown_event", { a: 1 })
      const accepted = yield* client.emitWithAck("send_message", { config_id: config, message: "hi" })
      expect(accepted).toMatchObject({ ok: true })
      expect((yield* connect(newUser.token)).eventNames).toEqual([])
    }),
  )

  it.live(
    "sends events to all sockets of the user and to no other user, and stops and regenerates answers",
    () =>
      Effect.gen(function* () {
        const { app, user, config, conversation, sent } = yield* seedConversation
        const provider = yield* Provider
        const [one, two] = [yield* connect(user.token), yield* connect(user.token, ["polling"])]
        const otherUser = yield* connect((yield* app.newUser()).token)
        yield* provider.script(answer("Half", waitFor(new Latch())))
        const requestIndex = provider.requests.length
        one.socket.emit("send_message", {
          conversation_id: conversation,
          config_id: config,
          message: "Go on",
        })
        const { message_id } = yield* two.waitForEvent("message_chunk")
        const stopped = yield* two.emitWithAck("stop_generation", { message_id })
        expect(stopped).toEqual({ ok: true, message_id, conversation_id: conversation })
        yield* one.waitForEvent("generation_stopped")
        expect(yield* (yield* provider.received(requestIndex)).outcome).toBe("aborted")
        expect(one.payloads("generation_stopped")).toEqual([{ message_id, conversation_id: conversation }])
        yield* two.emitWithAck("stop_generation", { message_id })

        yield* provider.script(answer("Better."))
        one.socket.emit("regenerate_message", { message_id: sent.at("assistant_message.id") })
        yield* two.waitForEvent("message_complete")
        yield* one.waitForEvent("message_complete")
        expect(one.payloads("message_complete")[0]).toMatchObject({ content: "Better." })
        for (const { eventNames } of [one, two]) {
          expect(eventNames).toEqual([
            "message_saved",
            "message_start",
            "message_chunk",
            "generation_stopped",
            "message_start",
            "message_chunk",
            "message_complete",
          ])
        }
        expect(otherUser.eventNames).toEqual([])
      }),
  )

  it.live("resumes an answer without gaps on a new socket after a lost connection", () =>
    Effect.gen(function* () {
      const { user, config, conversation } = yield* seedConversation
      const provider = yield* Provider
      const third = new Latch()
      const [first, second] = [new Latch(), new Latch()]
      yield* provider.script(
        answer("One", waitFor(first), " two", waitFor(second), " three", waitFor(third), " four"),
      )
      const lost = yield* connect(user.token)
      lost.socket.emit("send_message", { conversation_id: conversation, config_id: config, message: "Count" })
      const { message_id, index } = yield* lost.waitForEvent("message_chunk")
      lost.socket.disconnect()
      first.open()
      const resumed = yield* connect(user.token)
      yield* resumed.emitWithAck("follow_message", { message_id, after: index })
      yield* resumed.waitForEvent("message_chunk")
      second.open()
      third.open()
      yield* resumed.waitForEvent("message_complete")
      const chunks = new Map(
        resumed.payloads("message_chunk").map((chunk) => [Number(chunk["index"]), chunk["content"]]),
      )
      expect([...chunks.keys()].every((received) => received > Number(index))).toBe(true)
      const rest = [...chunks].sort(([a], [b]) => a - b).map(([, content]) => content)
      expect(rest.join("")).toBe(" two three four")
    }),
  )

  it.live("reports why generation failed", () =>
    Effect.gen(function* () {
      const { user, config, conversation } = yield* seedConversation
      yield* (yield* Provider).script(status(401))
      const client = yield* connect(user.token)
      client.socket.emit("send_message", {
        conversation_id: conversation,
        config_id: config,
        message: "hi",
      })
      expect(yield* client.waitForEvent("message_error")).toEqual({
        message_id: expect.any(String),
        conversation_id: conversation,
        error: expect.any(String),
        code: "MODEL_ACCESS_DENIED",
      })
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "5" }))("Socket.IO token limit", (it) => {
  it.live("rejects messages that exceed the token limit and stores nothing", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const config = yield* newConfig(user)
      const client = yield* connect(user.token)
      const reply = yield* client.emitWithAck("send_message", { config_id: config, message: "hi" })
      expect(reply).toMatchObject({ ok: false, code: "TOKEN_LIMIT_REACHED" })
      expect(client.eventNames).toEqual(["error"])
      expect((yield* send(user, { config_id: config, message: "hi" })).status).toBe(429)
      expect((yield* app.request("GET", "/api/conversations", { token: user.token })).json).toMatchObject({
        total: 0,
      })
    }),
  )
})
