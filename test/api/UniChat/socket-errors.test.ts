import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import { newConfigs } from "./arenaFixtures"
import { atOnce } from "./configFixtures"
import { comparing, connect } from "./socketClient"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("What a socket says in the arena", (it) => {
  it.live("lives on after what cannot be done, and says what was wrong", () =>
    Effect.gen(function* () {
      const { app, person, provider, configs } = yield* comparing(5)
      yield* provider.setResponder(() => answer("Yes."))
      const [a, b, c] = configs
      const theirs = yield* comparing(2)
      const open = (token: string, config_ids: ReadonlyArray<string>) =>
        Effect.map(app.request("POST", "/api/arena/sessions", { token, body: { config_ids } }), (answer) =>
          answer.at("session.id"),
        )
      const session_id = yield* open(person.token, configs.slice(0, 2))
      const alien = yield* open(theirs.person.token, theirs.configs)
      const listener = yield* connect(person.token)
      const said = { config_ids: [a, b], message: "hi" }
      const done = yield* listener.ask("arena_send_message", { ...said, session_id })
      yield* listener.until("arena_message_complete", 2)
      const { message_id } = Object(done).answers[0]
      const nowhere = "019bc0f1-0000-7000-8000-000000000001"
      const bad = [
        ["arena_send_message", undefined, "VALIDATION_ERROR"],
        ["arena_send_message", "text", "VALIDATION_ERROR"],
        ["arena_send_message", { config_ids: [a, b] }, "VALIDATION_ERROR"],
        ["arena_send_message", { config_ids: a, message: "hi" }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...said, message: " " }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...said, message: "a\u0000b" }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...said, session_id: 5 }, "VALIDATION_ERROR"],
        ["arena_send_message", { ...said, config_ids: [] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...said, config_ids: [a] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...said, config_ids: configs }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...said, config_ids: [a, b, a] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...said, session_id, config_ids: [] }, "INVALID_CONFIG_COUNT"],
        ["arena_send_message", { ...said, session_id, config_ids: [a, c] }, "CONFIG_NOT_FOUND"],
        ["arena_send_message", { ...said, config_ids: [a, theirs.configs[0]] }, "CONFIG_NOT_FOUND"],
        ["arena_send_message", { ...said, session_id: alien }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_send_message", { ...said, session_id: nowhere }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_stop_generation", {}, "VALIDATION_ERROR"],
        ["arena_stop_generation", { session_id: alien }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_stop_generation", { session_id: nowhere }, "ARENA_SESSION_NOT_FOUND"],
        ["arena_follow_message", { session_id }, "VALIDATION_ERROR"],
        ["arena_follow_message", { session_id, message_id, after: "x" }, "VALIDATION_ERROR"],
        ["arena_follow_message", { session_id, message_id: nowhere }, "MESSAGE_NOT_FOUND"],
        ["arena_follow_message", { session_id: alien, message_id }, "ARENA_SESSION_NOT_FOUND"],
        ["follow_message", { message_id }, "MESSAGE_NOT_FOUND"],
        ["stop_generation", { message_id }, "MESSAGE_NOT_FOUND"],
        ["regenerate_message", { message_id }, "MESSAGE_NOT_FOUND"],
        // A prompt has no run that writes it.
        ["arena_follow_message", { session_id, message_id: done["message_id"] }, "MESSAGE_NOT_FOUND"],
      ] as const
      for (const [event, payload, code] of bad) {
        const told = yield* listener.ask(event, payload)
        expect([event, payload, told]).toMatchObject([event, payload, { ok: false, code }])
      }
      const errors = listener.payloads("error")
      expect(errors.map(({ event, code }) => [event, code])).toEqual(
        bad.map(([event, , code]) => [event, code]),
      )
      expect(errors[2]).toMatchObject({ details: [{ field: "message", message: "is required" }] })
      expect([1, 3, 6, 20].map((at) => errors[at]?.["message"])).toEqual([
        "What is sent must be an object",
        "config_ids must be a list",
        "session_id must be a string or null",
        "after must be a number",
      ])
      const kept = yield* app.request("GET", "/api/arena/sessions", { token: person.token })
      expect(kept.json).toMatchObject({ total: 1, sessions: [{ message_count: 3 }] })
      const fine = yield* listener.ask("arena_send_message", { ...said, session_id: null })
      expect(fine).toMatchObject({ ok: true })
    }),
  )

  it.live("lets one of two callers at once speak in a session; the other one is told to wait", () =>
    Effect.gen(function* () {
      const { app, person, provider, configs } = yield* comparing(2)
      const gate = new Latch()
      yield* provider.setResponder(() => answer("Yes.", waitFor(gate)))
      const body = { config_ids: configs }
      const made = yield* app.request("POST", "/api/arena/sessions", { token: person.token, body })
      const session_id = made.at("session.id")
      const said = { session_id, config_ids: configs, message: "hi" }
      const [one, two] = [yield* connect(person.token), yield* connect(person.token, ["polling"])]
      const told = yield* Effect.all(
        [one, two].map(({ ask }) => ask("arena_send_message", said)),
        { concurrency: "unbounded" },
      )
      expect(told.map(({ ok }) => ok).toSorted()).toEqual([false, true])
      expect(told.find(({ ok }) => ok === false)).toMatchObject({ code: "ARENA_BUSY" })
      for (const config of configs) yield* one.untilOf(config, "arena_message_chunk")
      const stops = yield* Effect.all(
        [one, two].map(({ ask }) => ask("arena_stop_generation", { session_id })),
        { concurrency: "unbounded" },
      )
      expect(stops).toEqual([
        { ok: true, session_id },
        { ok: true, session_id },
      ])
      yield* one.until("arena_generation_stopped")
      const { json } = yield* app.request("GET", `/api/arena/sessions/${session_id}`, { token: person.token })
      expect(json).toMatchObject({ session: { message_count: 3 } })

      gate.open()
      const begun = yield* atOnce(3, one.ask("arena_send_message", { ...said, session_id: undefined }))
      expect(begun.map(({ ok }) => ok)).toEqual([true, true, true])
      expect(new Set(begun.map((one) => one["session_id"])).size).toBe(3)
      yield* one.until("arena_message_complete", 6)
      expect(one.payloads("arena_session_created").length).toBe(3)
    }),
  )
})

layer(Server.layer({ TOKENS_LIMIT: "-1", RATE_LIMITS: "on", RATE_LIMIT_CHAT_PER_MIN: "3" }))(
  "Who says too much in the arena",
  (it) => {
    it.live(
      "is told to wait, on whichever socket, and over HTTP too; stopping goes by a limit of its own",
      () =>
        Effect.gen(function* () {
          const { app, person, configs } = yield* comparing(2)
          const [one, two] = [yield* connect(person.token), yield* connect(person.token)]
          const said = { config_ids: configs, message: "hi" }
          const done = yield* one.ask("arena_send_message", said)
          yield* two.ask("arena_send_message", said)
          yield* one.ask("send_message", { config_id: configs[0], message: "hi" })
          const refused = yield* two.ask("arena_send_message", said)
          const { error, retry_after } = refused
          expect(refused).toEqual({ ok: false, code: "RATE_LIMITED", error, retry_after })
          expect(retry_after).toBeGreaterThanOrEqual(1)
          expect(retry_after).toBeLessThanOrEqual(20)
          expect(two.payloads("error")).toEqual([
            { code: "RATE_LIMITED", event: "arena_send_message", message: error, retry_after },
          ])
          const body = { config_id: configs[0], message: "hi" }
          const over = yield* app.request("POST", "/api/chat/send", { token: person.token, body })
          expect([over.status, over.at("code")]).toEqual([429, "RATE_LIMITED"])
          const { session_id } = done
          expect(yield* two.ask("arena_stop_generation", { session_id })).toEqual({ ok: true, session_id })
          const other = yield* app.newUser()
          const theirs = yield* newConfigs(other, 2)
          const third = yield* connect(other.token)
          const fine = yield* third.ask("arena_send_message", { config_ids: theirs, message: "hi" })
          expect(fine).toMatchObject({ ok: true })
        }),
    )
  },
)

layer(Server.layer({ TOKENS_LIMIT: "5" }))("Who has no tokens left for the arena", (it) => {
  it.live("is told so, and nothing is written", () =>
    Effect.gen(function* () {
      const { app, person, configs } = yield* comparing(2)
      const listener = yield* connect(person.token)
      const told = yield* listener.ask("arena_send_message", { config_ids: configs, message: "hi" })
      expect(told).toMatchObject({ ok: false, code: "TOKEN_LIMIT_REACHED" })
      expect(listener.names).toEqual(["error"])
      const kept = yield* app.request("GET", "/api/arena/sessions", { token: person.token })
      expect(kept.json).toMatchObject({ total: 0 })
    }),
  )
})
