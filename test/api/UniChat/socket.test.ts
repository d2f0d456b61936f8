import { expect } from "bun:test"
import { Effect } from "effect"
import { io } from "socket.io-client"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, status, usage, waitFor } from "../../support/Provider/Script"
import { newConfig, send, seedConversation } from "./chatFixtures"
import { connect } from "./socketClient"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("A socket", (it) => {
  for (const transport of ["websocket", "polling"] as const) {
    it.live(`tells of an answer from its prompt to its title, over ${transport}`, () =>
      Effect.gen(function* () {
        const app = yield* App
        const person = yield* app.newUser()
        const config = yield* newConfig(person)
        yield* (yield* Provider).script(answer("React ", "is it.", usage(5, 7)), answer("On React"))
        const listener = yield* connect(person.token, [transport])
        expect(listener.heard[0]).toEqual(["authenticated", { user_id: person.id }])
        listener.socket.emit("send_message", {
          config_id: config,
          message: "What is React?",
          attachments: [],
        })
        yield* listener.until("title_updated")
        expect(listener.names).toEqual([
          "conversation_created",
          "message_saved",
          "message_start",
          "message_chunk",
          "message_complete",
          "title_updated",
        ])
        const [created] = listener.payloads("conversation_created")
        const conversation_id = Object(created).conversation.id
        expect(created).toMatchObject({ conversation: { config_id: config, user_id: person.id } })
        const [saved] = listener.payloads("message_saved")
        expect(saved).toMatchObject({
          conversation_id,
          message: { role: "user", content: "What is React?", conversation_id },
        })
        const [start] = listener.payloads("message_start")
        const { message_id } = Object(start)
        expect(start).toEqual({ message_id, conversation_id, generation_id: expect.any(String) })
        const chunks = listener.payloads("message_chunk")
        expect(chunks.map(({ content }) => content).join("")).toBe("React is it.")
        expect(chunks.every((chunk) => chunk["message_id"] === message_id)).toBe(true)
        const indexes = chunks.map(({ index }) => Number(index))
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b))
        expect(listener.payloads("message_complete")).toEqual([
          {
            message_id,
            conversation_id,
            content: "React is it.",
            metadata: {
              model_id: "openai/scripted",
              tokens: { prompt: 5, completion: 7 },
              generation_time_ms: expect.any(Number),
              cost_usd: Object(listener.payloads("message_complete")[0]).metadata.cost_usd,
            },
          },
        ])
        expect(listener.payloads("title_updated")).toEqual([{ title: "On React", conversation_id }])
      }),
    )
  }

  it.live("is refused to nobody, and cut off when its session ends", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const token of [undefined, "", "junk", 42, { a: 1 }]) {
        const refused = yield* Effect.promise(
          () =>
            new Promise<Error & { data?: unknown }>((resolve) => {
              const socket = io(app.url, { auth: { token }, transports: ["websocket"], reconnection: false })
              socket.on("connect_error", (error) => {
                socket.disconnect()
                resolve(error)
              })
            }),
        )
        expect([token, refused.data]).toEqual([token, { code: "UNAUTHORIZED" }])
      }
      const person = yield* app.newUser()
      const listener = yield* connect(`Bearer ${person.token}`)
      const gone = new Promise((resolve) => listener.socket.on("disconnect", resolve))
      yield* app.request("POST", "/api/auth/logout", { token: person.token })
      expect(yield* Effect.promise(() => gone)).toBe("io server disconnect")
    }),
  )

  it.live("lives on after what cannot be done, and says what was wrong", () =>
    Effect.gen(function* () {
      const { app, user: person, config, sent } = yield* seedConversation
      const stranger = yield* app.newUser()
      const theirs = yield* seedConversation
      const listener = yield* connect(person.token)
      const bad = [
        ["send_message", undefined, "VALIDATION_ERROR"],
        ["send_message", "text", "VALIDATION_ERROR"],
        ["send_message", { config_id: config }, "VALIDATION_ERROR"],
        ["send_message", { config_id: config, message: "a\u0000b" }, "VALIDATION_ERROR"],
        ["send_message", { config_id: theirs.config, message: "hi" }, "CONFIG_NOT_FOUND"],
        [
          "send_message",
          { config_id: config, message: "hi", conversation_id: theirs.conversation },
          "CONVERSATION_NOT_FOUND",
        ],
        ["stop_generation", { message_id: theirs.sent.at("assistant_message.id") }, "MESSAGE_NOT_FOUND"],
        ["regenerate_message", { message_id: theirs.sent.at("assistant_message.id") }, "MESSAGE_NOT_FOUND"],
        ["regenerate_message", { message_id: sent.at("user_message.id") }, "INVALID_MESSAGE_ROLE"],
        ["follow_message", { message_id: theirs.sent.at("assistant_message.id") }, "MESSAGE_NOT_FOUND"],
        ["stop_generation", { message_id: 5 }, "VALIDATION_ERROR"],
      ] as const
      for (const [event, payload, code] of bad) {
        const told = yield* listener.ask(event, payload)
        expect([event, told]).toMatchObject([event, { ok: false, code }])
      }
      const errors = listener.payloads("error")
      expect(errors.map(({ event, code }) => [event, code])).toEqual(
        bad.map(([event, , code]) => [event, code]),
      )
      expect(errors[2]).toMatchObject({ details: [{ field: "message", message: "is required" }] })
      listener.socket.emit("nothing_known", { a: 1 })
      const fine = yield* listener.ask("send_message", { config_id: config, message: "hi" })
      expect(fine).toMatchObject({ ok: true })
      expect((yield* connect(stranger.token)).names).toEqual([])
    }),
  )

  it.live("shares what happens with the user's other sockets, and stops and regenerates", () =>
    Effect.gen(function* () {
      const { app, user: person, config, conversation, sent } = yield* seedConversation
      const provider = yield* Provider
      const [one, two] = [yield* connect(person.token), yield* connect(person.token, ["polling"])]
      const stranger = yield* connect((yield* app.newUser()).token)
      yield* provider.script(answer("Half", waitFor(new Latch())))
      const asked = provider.requests.length
      one.socket.emit("send_message", { conversation_id: conversation, config_id: config, message: "Go on" })
      const { message_id } = yield* two.until("message_chunk")
      const stopped = yield* two.ask("stop_generation", { message_id })
      expect(stopped).toEqual({ ok: true, message_id, conversation_id: conversation })
      yield* one.until("generation_stopped")
      expect(yield* (yield* provider.received(asked)).outcome).toBe("aborted")
      expect(one.payloads("generation_stopped")).toEqual([{ message_id, conversation_id: conversation }])
      yield* two.ask("stop_generation", { message_id })

      yield* provider.script(answer("Better."))
      one.socket.emit("regenerate_message", { message_id: sent.at("assistant_message.id") })
      yield* two.until("message_complete")
      yield* one.until("message_complete")
      expect(one.payloads("message_complete")[0]).toMatchObject({ content: "Better." })
      for (const { names } of [one, two]) {
        expect(names.filter((name) => name !== "generation_stopped")).toEqual([
          "message_saved",
          "message_start",
          "message_chunk",
          "message_start",
          "message_chunk",
          "message_complete",
        ])
      }
      expect(stranger.names).toEqual([])
    }),
  )

  it.live("can be lost in mid-answer: another follows it to its end, with nothing missing", () =>
    Effect.gen(function* () {
      const { user: person, config, conversation } = yield* seedConversation
      const provider = yield* Provider
      const gate = new Latch()
      const [first, second] = [new Latch(), new Latch()]
      yield* provider.script(
        answer("One", waitFor(first), " two", waitFor(second), " three", waitFor(gate), " four"),
      )
      const lost = yield* connect(person.token)
      lost.socket.emit("send_message", { conversation_id: conversation, config_id: config, message: "Count" })
      const { message_id, index } = yield* lost.until("message_chunk")
      lost.socket.disconnect()
      first.open()
      const back = yield* connect(person.token)
      yield* back.ask("follow_message", { message_id, after: index })
      yield* back.until("message_chunk")
      second.open()
      gate.open()
      yield* back.until("message_complete")
      const pieces = new Map(
        back.payloads("message_chunk").map((chunk) => [Number(chunk["index"]), chunk["content"]]),
      )
      expect([...pieces.keys()].every((seen) => seen > Number(index))).toBe(true)
      const rest = [...pieces].sort(([a], [b]) => a - b).map(([, content]) => content)
      expect(rest.join("")).toBe(" two three four")
    }),
  )

  it.live("hears why a model failed", () =>
    Effect.gen(function* () {
      const { user: person, config, conversation } = yield* seedConversation
      yield* (yield* Provider).script(status(401))
      const listener = yield* connect(person.token)
      listener.socket.emit("send_message", {
        conversation_id: conversation,
        config_id: config,
        message: "hi",
      })
      expect(yield* listener.until("message_error")).toEqual({
        message_id: expect.any(String),
        conversation_id: conversation,
        error: expect.any(String),
        code: "MODEL_ACCESS_DENIED",
      })
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "5" }))("A socket beyond the limit", (it) => {
  it.live("is told so, and nothing is written", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const config = yield* newConfig(person)
      const listener = yield* connect(person.token)
      const told = yield* listener.ask("send_message", { config_id: config, message: "hi" })
      expect(told).toMatchObject({ ok: false, code: "TOKEN_LIMIT_REACHED" })
      expect(listener.names).toEqual(["error"])
      expect((yield* send(person, { config_id: config, message: "hi" })).status).toBe(429)
      expect((yield* app.request("GET", "/api/conversations", { token: person.token })).json).toMatchObject({
        total: 0,
      })
    }),
  )
})
