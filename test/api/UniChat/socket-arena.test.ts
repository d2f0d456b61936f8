import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { answer, Latch, status, usage, waitFor } from "../../support/ScriptedProvider/Script"
import { time } from "./configFixtures"
import { connect, laneOf, seedArena } from "./socketClient"

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
const answerEvents = ["arena_message_start", "arena_message_chunk", "arena_message_complete"]
const stoppedEvent = "arena_generation_stopped"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Socket.IO arena", (it) => {
  for (const transport of ["websocket", "polling"] as const) {
    it.live(`creates a session and sends each config's answer in order over ${transport}`, () =>
      Effect.gen(function* () {
        const { app, user, provider, configs } = yield* seedArena(2)
        yield* provider.setResponder(({ model }) => answer(`${model} `, "thinks ", "so.", usage(7, 3)))
        const client = yield* connect(user.token, [transport])
        client.socket.emit("arena_send_message", { config_ids: configs, message: "What is it?" })
        yield* client.waitForEvent("arena_message_complete", 2)
        expect(client.eventNames.slice(0, 2)).toEqual(["arena_session_created", "arena_user_message"])
        const session_id = Object(client.payloads("arena_session_created")[0]).session.id
        expect(client.payloads("arena_session_created")).toEqual([
          {
            session: {
              id: uuid,
              user_id: user.id,
              config_ids: configs,
              title: "What is it?",
              message_count: 3,
              created_at: time,
            },
          },
        ])
        const prompt = { id: uuid, session_id, role: "user", content: "What is it?", created_at: time }
        expect(client.payloads("arena_user_message")).toEqual([{ session_id, message: prompt }])
        for (const [index, model] of ["claude", "gemini"].entries()) {
          const lane = laneOf(client, configs[index])
          expect(lane.eventNames).toEqual(answerEvents)
          const [start] = lane.payloads("arena_message_start")
          const ids = { config_id: configs[index], message_id: start?.["message_id"], session_id }
          expect(start).toEqual({ ...ids, message_id: uuid, generation_id: uuid })
          const chunks = lane.payloads("arena_message_chunk")
          expect(chunks.map(({ content }) => content).join("")).toBe(`${model} thinks so.`)
          const indexes = chunks.map((chunk) => Number(chunk["index"]))
          expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b))
          expect(chunks[0]).toEqual({ ...ids, content: expect.any(String), index: indexes[0] })
          expect(lane.payloads("arena_message_complete")).toEqual([
            {
              ...ids,
              content: `${model} thinks so.`,
              metadata: {
                model_id: `openai/${model}`,
                tokens: { prompt: 7, completion: 3 },
                generation_time_ms: expect.any(Number),
                cost_usd: null,
              },
            },
          ])
        }
        expect(
          new Set(client.payloads("arena_message_start").map((payload) => payload["message_id"])).size,
        ).toBe(2)

        const followUp = { session_id, config_ids: configs.slice(1), message: "Why?" }
        const reply = yield* client.emitWithAck("arena_send_message", followUp)
        yield* client.waitForEvent("arena_message_complete", 3)
        const userMessage = client.payloads("arena_user_message")[1]
        expect(userMessage).toMatchObject({ session_id, message: { content: "Why?", session_id } })
        const { message_id, generation_id } = Object(client.payloads("arena_message_start")[2])
        expect(reply).toEqual({
          ok: true,
          session_id,
          message_id: Object(userMessage).message.id,
          answers: [{ config_id: configs[1], message_id, generation_id }],
        })
        expect(laneOf(client, configs[0]).eventNames).toEqual(answerEvents)
        expect(laneOf(client, configs[1]).eventNames).toEqual([...answerEvents, ...answerEvents])
        expect(client.payloads("arena_session_created").length).toBe(1)
        const stored = yield* app.request("GET", `/api/arena/sessions/${session_id}`, { token: user.token })
        expect(stored.at("session.id")).toBe(session_id)
        expect(Object(stored.json).messages.map(({ content }: { content: string }) => content)).toEqual([
          "What is it?",
          "claude thinks so.",
          "gemini thinks so.",
          "Why?",
          "gemini thinks so.",
        ])
      }),
    )

    it.live(`stops all answers of a session and reports it once to all sockets over ${transport}`, () =>
      Effect.gen(function* () {
        const { app, user, provider, configs } = yield* seedArena(3)
        const otherUser = yield* connect((yield* app.newUser()).token, [transport])
        const gate = new Latch()
        yield* provider.setResponder(({ model }) =>
          model === "gpt" ? answer("Soon reply.") : answer("Half", waitFor(gate), " and more"),
        )
        const one = yield* connect(user.token, [transport])
        const two = yield* connect(user.token, ["websocket"])
        const requestsBefore = provider.requests.length
        const reply = yield* one.emitWithAck("arena_send_message", { config_ids: configs, message: "Go on" })
        const { session_id } = reply
        for (const client of [one, two]) {
          yield* client.waitForEvent("arena_message_complete")
          for (const config of configs) yield* client.waitForConfigEvent(config, "arena_message_chunk")
        }
        expect(yield* two.emitWithAck("arena_stop_generation", { session_id })).toEqual({
          ok: true,
          session_id,
        })
        for (const client of [one, two]) {
          expect(yield* client.waitForEvent(stoppedEvent)).toEqual({ session_id })
          for (const [index, names] of [
            answerEvents.slice(0, 2),
            answerEvents.slice(0, 2),
            answerEvents,
          ].entries()) {
            expect(laneOf(client, configs[index]).eventNames).toEqual(names)
          }
          expect(client.eventNames.at(-1)).toBe(stoppedEvent)
        }
        const outcomes = yield* Effect.forEach(
          provider.requests.slice(requestsBefore),
          ({ outcome }) => outcome,
        )
        expect(outcomes.toSorted()).toEqual(["aborted", "aborted", "completed"])
        const stored = yield* app.request("GET", `/api/arena/sessions/${session_id}`, { token: user.token })
        expect(Object(stored.json).messages.map(({ content }: { content: string }) => content)).toEqual([
          "Go on",
          "Half",
          "Half",
          "Soon reply.",
        ])

        yield* one.emitWithAck("arena_stop_generation", { session_id })
        yield* two.waitForEvent(stoppedEvent, 2)
        expect(one.payloads(stoppedEvent)).toEqual([{ session_id }, { session_id }])
        gate.open()
        const next = { session_id, config_ids: configs, message: "Now go on" }
        expect(yield* one.emitWithAck("arena_send_message", next)).toMatchObject({ ok: true })
        yield* one.waitForEvent("arena_message_complete", 4)
        expect(one.payloads(stoppedEvent).length).toBe(2)
        expect(otherUser.eventNames).toEqual([])
      }),
    )
  }

  it.live("reports which config failed and why, and continues the other answers", () =>
    Effect.gen(function* () {
      const { user, provider, configs } = yield* seedArena(3)
      const gate = new Latch()
      yield* provider.setResponder(({ model }) =>
        model === "gemini" ? status(401) : answer(`${model} `, waitFor(gate), "goes on"),
      )
      const client = yield* connect(user.token)
      const reply = yield* client.emitWithAck("arena_send_message", {
        config_ids: configs,
        message: "Who fails?",
      })
      const failed = yield* client.waitForEvent("arena_message_error")
      const [, answerOfFailed] = Object(reply).answers
      expect(failed).toEqual({
        config_id: configs[1],
        message_id: answerOfFailed.message_id,
        session_id: reply["session_id"],
        error: expect.any(String),
        code: "MODEL_ACCESS_DENIED",
      })
      expect(client.payloads("arena_message_complete")).toEqual([])
      gate.open()
      yield* client.waitForEvent("arena_message_complete", 2)
      expect(configs.map((config) => laneOf(client, config).eventNames)).toEqual([
        answerEvents,
        ["arena_message_start", "arena_message_error"],
        answerEvents,
      ])
      expect(laneOf(client, configs[2]).payloads("arena_message_complete")).toMatchObject([
        { content: "gpt goes on" },
      ])
      expect(client.payloads("error")).toEqual([])
    }),
  )

  it.live("resumes each config's answer without gaps on a new socket after a lost connection", () =>
    Effect.gen(function* () {
      const { user, provider, configs } = yield* seedArena(2)
      const [first, second] = [new Latch(), new Latch()]
      yield* provider.setResponder(({ model }) =>
        answer(`${model} one`, waitFor(first), " two", waitFor(second), " three"),
      )
      const lost = yield* connect(user.token)
      const reply = yield* lost.emitWithAck("arena_send_message", { config_ids: configs, message: "Count" })
      const { session_id } = reply
      const firstChunks: Array<Record<string, unknown>> = []
      for (const config of configs)
        firstChunks.push(yield* lost.waitForConfigEvent(config, "arena_message_chunk"))
      lost.socket.disconnect()
      first.open()
      // This socket receives the user's events as well, so new chunks arrive twice, with the same `index`.
      const resumed = yield* connect(user.token)
      for (const { message_id, index } of firstChunks) {
        const followed = yield* resumed.emitWithAck("arena_follow_message", {
          session_id,
          message_id,
          after: index,
        })
        const { generation_id } = Object(reply).answers.find(
          (answer: Record<string, unknown>) => answer["message_id"] === message_id,
        )
        expect(followed).toMatchObject({ ok: true, session_id, message_id, generation_id })
      }
      second.open()
      for (const config of configs) yield* resumed.waitForConfigEvent(config, "arena_message_complete")
      for (const [at, config] of configs.entries()) {
        const chunks = laneOf(resumed, config).payloads("arena_message_chunk")
        const byIndex = new Map(chunks.map((chunk) => [Number(chunk["index"]), chunk["content"]]))
        expect([...byIndex.keys()].every((index) => index > Number(firstChunks[at]?.["index"]))).toBe(true)
        const rest = [...byIndex].toSorted(([a], [b]) => a - b).map(([, content]) => content)
        expect(rest.join("")).toBe(" two three")
      }
      // Each arrives twice. A socket that connects later receives these answers only by following them.
      yield* resumed.waitForEvent("arena_message_complete", 4)
      const lateClient = yield* connect(user.token, ["polling"])
      yield* lateClient.emitWithAck("arena_follow_message", {
        session_id,
        message_id: firstChunks[1]?.["message_id"],
      })
      const model = firstChunks[1]?.["config_id"] === configs[0] ? "claude" : "gemini"
      expect(yield* lateClient.waitForEvent("arena_message_complete")).toMatchObject({
        content: `${model} one two three`,
      })
      expect(lateClient.eventNames).toEqual(answerEvents)
    }),
  )
})
