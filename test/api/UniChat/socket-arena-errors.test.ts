import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import { newConfigs } from "./arenaFixtures"
import { atOnce } from "./configFixtures"
import { connect, seedArena } from "./socketClient"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Socket.IO arena errors", (it) => {
  it.live("reports failed events and keeps the socket connected", () =>
    Effect.gen(function* () {
      const { app, user, provider, configs } = yield* seedArena(5)
      yield* provider.setResponder(() => answer("Yes."))
      const [a, b, c] = configs
      const other = yield* seedArena(2)
      const createSession = (token: string, config_ids: ReadonlyArray<string>) =>
        Effect.map(app.request("POST", "/api/arena/sessions", { token, body: { config_ids } }), (answer) =>
          answer.at("session.id"),
        )
      const session_id = yield* createSession(user.token, configs.slice(0, 2))
      const otherSession = yield* createSession(other.user.token, other.configs)
      const client = yield* connect(user.token)
      const input = { config_ids: [a, b], message: "hi" }
      const sent = yield* client.emitWithAck("arena_send_message", { ...input, session_id })
      yield* client.waitForEvent("arena_message_complete", 2)
      const { message_id } = Object(sent).answers[0]
      const unknownId = "019bc0f1-0000-7000-8000-000000000001"
      const invalid = [
        ["arena_send_message", undefined, "VALIDATION_ERROR"],
        ["arena_send_message", "text", "VALIDATION_ERROR"],
        ["arena_send_message", { config_ids: [a, b] }, "VALIDATION_ERROR"],
        ["arena_send_message", { config_ids: a, message: "hi" }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...input, message: " " }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...input, message: "a\u0000b" }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...input, session_id: 5 }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...input, config_ids: [] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...input, config_ids: [a] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...input, config_ids: configs }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...input, config_ids: [a, b, a] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...input, session_id, config_ids: [] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...input, session_id, config_ids: [a, c] }, "CONFIG_NOT_FOUND"],
        ["arena_send_message", { ...input, config_ids: [a, other.configs[0]] }, "CONFIG_NOT_FOUND"],
        ["arena_send_message", { ...input, session_id: otherSession }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_send_message", { ...input, session_id: unknownId }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_stop_generation", {}, "VALIDATION_ERROR"],
        ["arena_stop_generation", { session_id: otherSession }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_stop_generation", { session_id: unknownId }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_follow_message", { session_id }, "VALIDATION_ERROR"],
        ["arena_follow_message", { session_id, message_id, after: "x" }, "VALIDATION_ERROR"],
        ["arena_follow_message", { session_id, message_id: unknownId }, "MESSAGE_NOT_FOUND"],
        ["arena_follow_message", { session_id: otherSession, message_id }, "ARENA_SESSION_NOT_FOUND"],
        ["follow_message", { message_id }, "MESSAGE_NOT_FOUND"],
        ["stop_generation", { message_id }, "MESSAGE_NOT_FOUND"],
        ["regenerate_message", { message_id }, "MESSAGE_NOT_FOUND"],
        // A prompt has no generation.
        ["arena_follow_message", { session_id, message_id: sent["message_id"] }, "MESSAGE_NOT_FOUND"],
      ] as const
      for (const [event, payload, code] of invalid) {
        const reply = yield* client.emitWithAck(event, payload)
        expect([event, payload, reply]).toMatchObject([event, payload, { ok: false, code }])
      }
      const errors = client.payloads("error")
      expect(errors.map(({ event, code }) => [event, code])).toEqual(
        invalid.map(([event, , code]) => [event, code]),
      )
      expect(errors[2]).toMatchObject({ fields: [{ field: "message", message: "is required" }] })
      expect([1, 3, 6, 20].map((at) => errors[at]?.["message"])).toEqual([
        "The request must be an object",
        "config_ids must be a list",
        "session_id must be a string or null",
        "after must be a number",
      ])
      const stored = yield* app.request("GET", "/api/arena/sessions", { token: user.token })
      expect(stored.json).toMatchObject({ total: 1, sessions: [{ message_count: 3 }] })
      const accepted = yield* client.emitWithAck("arena_send_message", { ...input, session_id: null })
      expect(accepted).toMatchObject({ ok: true })
    }),
  )

  it.live("accepts one of two concurrent messages to a session and rejects the other", () =>
    Effect.gen(function* () {
      const { app, user, provider, configs } = yield* seedArena(2)
      const gate = new Latch()
      yield* provider.setResponder(() => answer("Yes.", waitFor(gate)))
      const body = { config_ids: configs }
      const created = yield* app.request("POST", "/api/arena/sessions", { token: user.token, body })
      const session_id = created.at("session.id")
      const input = { session_id, config_ids: configs, message: "hi" }
      const [one, two] = [yield* connect(user.token), yield* connect(user.token, ["polling"])]
      const replies = yield* Effect.all(
        [one, two].map(({ emitWithAck }) => emitWithAck("arena_send_message", input)),
        { concurrency: "unbounded" },
      )
      expect(replies.map(({ ok }) => ok).toSorted()).toEqual([false, true])
      expect(replies.find(({ ok }) => ok === false)).toMatchObject({ code: "ARENA_BUSY" })
      for (const config of configs) yield* one.waitForConfigEvent(config, "arena_message_chunk")
      const stopReplies = yield* Effect.all(
        [one, two].map(({ emitWithAck }) => emitWithAck("arena_stop_generation", { session_id })),
        { concurrency: "unbounded" },
      )
      expect(stopReplies).toEqual([
        { ok: true, session_id },
        { ok: true, session_id },
      ])
      yield* one.waitForEvent("arena_generation_stopped")
      const { json } = yield* app.request("GET", `/api/arena/sessions/${session_id}`, { token: user.token })
      expect(json).toMatchObject({ session: { message_count: 3 } })

      gate.open()
      const newSessions = yield* atOnce(
        3,
        one.emitWithAck("arena_send_message", { ...input, session_id: undefined }),
      )
      expect(newSessions.map(({ ok }) => ok)).toEqual([true, true, true])
      expect(new Set(newSessions.map((reply) => reply["session_id"])).size).toBe(3)
      yield* one.waitForEvent("arena_message_complete", 6)
      expect(one.payloads("arena_session_created").length).toBe(3)
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "-1", RATE_LIMITS: "on", RATE_LIMIT_CHAT_PER_MIN: "3" }))(
  "Socket.IO arena rate limits",
  (it) => {
    it.live("limits messages per user over all sockets and HTTP, and limits stop requests separately", () =>
      Effect.gen(function* () {
        const { app, user, configs } = yield* seedArena(2)
        const [one, two] = [yield* connect(user.token), yield* connect(user.token)]
        const input = { config_ids: configs, message: "hi" }
        const sent = yield* one.emitWithAck("arena_send_message", input)
        yield* two.emitWithAck("arena_send_message", input)
        yield* one.emitWithAck("send_message", { config_id: configs[0], message: "hi" })
        const rejected = yield* two.emitWithAck("arena_send_message", input)
        const { error, retry_after } = rejected
        expect(rejected).toEqual({ ok: false, code: "RATE_LIMITED", error, retry_after })
        expect(retry_after).toBeGreaterThanOrEqual(1)
        expect(retry_after).toBeLessThanOrEqual(20)
        expect(two.payloads("error")).toEqual([
          { code: "RATE_LIMITED", event: "arena_send_message", message: error, retry_after },
        ])
        const body = { config_id: configs[0], message: "hi" }
        const overHttp = yield* app.request("POST", "/api/chat/send", { token: user.token, body })
        expect([overHttp.status, overHttp.at("code")]).toEqual([429, "RATE_LIMITED"])
        const { session_id } = sent
        expect(yield* two.emitWithAck("arena_stop_generation", { session_id })).toEqual({
          ok: true,
          session_id,
        })
        const otherUser = yield* app.newUser()
        const otherConfigs = yield* newConfigs(otherUser, 2)
        const third = yield* connect(otherUser.token)
        const accepted = yield* third.emitWithAck("arena_send_message", {
          config_ids: otherConfigs,
          message: "hi",
        })
        expect(accepted).toMatchObject({ ok: true })
      }),
    )
  },
)

layer(Server.layer({ TOKENS_LIMIT: "5" }))("Socket.IO arena token limit", (it) => {
  it.live("rejects messages that exceed the token limit and stores nothing", () =>
    Effect.gen(function* () {
      const { app, user, configs } = yield* seedArena(2)
      const client = yield* connect(user.token)
      const reply = yield* client.emitWithAck("arena_send_message", { config_ids: configs, message: "hi" })
      expect(reply).toMatchObject({ ok: false, code: "TOKEN_LIMIT_REACHED" })
      expect(client.eventNames).toEqual(["error"])
      const stored = yield* app.request("GET", "/api/arena/sessions", { token: user.token })
      expect(stored.json).toMatchObject({ total: 0 })
    }),
  )
})
