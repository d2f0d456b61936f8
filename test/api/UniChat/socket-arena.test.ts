import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { answer, Latch, status, usage, waitFor } from "../../support/Provider/Script"
import { time } from "./configFixtures"
import { comparing, connect, laneOf } from "./socketClient"

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
const written = ["arena_message_start", "arena_message_chunk", "arena_message_complete"]
const stopped = "arena_generation_stopped"

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("A socket in the arena", (it) => {
  for (const transport of ["websocket", "polling"] as const) {
    it.live(`tells of a new session and of every config's answer in its order, over ${transport}`, () =>
      Effect.gen(function* () {
        const { app, person, provider, configs } = yield* comparing(2)
        yield* provider.setResponder(({ model }) => answer(`${model} `, "thinks ", "so.", usage(7, 3)))
        const listener = yield* connect(person.token, [transport])
        listener.socket.emit("arena_send_message", { config_ids: configs, message: "What is it?" })
        yield* listener.until("arena_message_complete", 2)
        expect(listener.names.slice(0, 2)).toEqual(["arena_session_created", "arena_user_message"])
        const session_id = Object(listener.payloads("arena_session_created")[0]).session.id
        expect(listener.payloads("arena_session_created")).toEqual([
          {
            session: {
              id: uuid,
              user_id: person.id,
              config_ids: configs,
              title: "What is it?",
              message_count: 3,
              created_at: time,
            },
          },
        ])
        const prompt = { id: uuid, session_id, role: "user", content: "What is it?", created_at: time }
        expect(listener.payloads("arena_user_message")).toEqual([{ session_id, message: prompt }])
        for (const [index, model] of ["claude", "gemini"].entries()) {
          const lane = laneOf(listener, configs[index])
          expect(lane.names).toEqual(written)
          const [start] = lane.payloads("arena_message_start")
          const about = { config_id: configs[index], message_id: start?.["message_id"], session_id }
          expect(start).toEqual({ ...about, message_id: uuid, generation_id: uuid })
          const chunks = lane.payloads("arena_message_chunk")
          expect(chunks.map(({ content }) => content).join("")).toBe(`${model} thinks so.`)
          const indexes = chunks.map((chunk) => Number(chunk["index"]))
          expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b))
          expect(chunks[0]).toEqual({ ...about, content: expect.any(String), index: indexes[0] })
          expect(lane.payloads("arena_message_complete")).toEqual([
            {
              ...about,
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
        expect(new Set(listener.payloads("arena_message_start").map((one) => one["message_id"])).size).toBe(2)

        const again = { session_id, config_ids: configs.slice(1), message: "Why?" }
        const done = yield* listener.ask("arena_send_message", again)
        yield* listener.until("arena_message_complete", 3)
        const said = listener.payloads("arena_user_message")[1]
        expect(said).toMatchObject({ session_id, message: { content: "Why?", session_id } })
        const { message_id, generation_id } = Object(listener.payloads("arena_message_start")[2])
        expect(done).toEqual({
          ok: true,
          session_id,
          message_id: Object(said).message.id,
          answers: [{ config_id: configs[1], message_id, generation_id }],
        })
        expect(laneOf(listener, configs[0]).names).toEqual(written)
        expect(laneOf(listener, configs[1]).names).toEqual([...written, ...written])
        expect(listener.payloads("arena_session_created").length).toBe(1)
        const kept = yield* app.request("GET", `/api/arena/sessions/${session_id}`, { token: person.token })
        expect(kept.at("session.id")).toBe(session_id)
        expect(Object(kept.json).messages.map(({ content }: { content: string }) => content)).toEqual([
          "What is it?",
          "claude thinks so.",
          "gemini thinks so.",
          "Why?",
          "gemini thinks so.",
        ])
      }),
    )

    it.live(`stops all that is being written, once for all, and shares it, over ${transport}`, () =>
      Effect.gen(function* () {
        const { app, person, provider, configs } = yield* comparing(3)
        const stranger = yield* connect((yield* app.newUser()).token, [transport])
        const gate = new Latch()
        yield* provider.setResponder(({ model }) =>
          model === "gpt" ? answer("Soon done.") : answer("Half", waitFor(gate), " and more"),
        )
        const one = yield* connect(person.token, [transport])
        const two = yield* connect(person.token, ["websocket"])
        const asked = provider.requests.length
        const done = yield* one.ask("arena_send_message", { config_ids: configs, message: "Go on" })
        const { session_id } = done
        for (const listener of [one, two]) {
          yield* listener.until("arena_message_complete")
          for (const config of configs) yield* listener.untilOf(config, "arena_message_chunk")
        }
        expect(yield* two.ask("arena_stop_generation", { session_id })).toEqual({ ok: true, session_id })
        for (const listener of [one, two]) {
          expect(yield* listener.until(stopped)).toEqual({ session_id })
          for (const [index, names] of [written.slice(0, 2), written.slice(0, 2), written].entries()) {
            expect(laneOf(listener, configs[index]).names).toEqual(names)
          }
          expect(listener.names.at(-1)).toBe(stopped)
        }
        const endings = yield* Effect.forEach(provider.requests.slice(asked), ({ outcome }) => outcome)
        expect(endings.toSorted()).toEqual(["aborted", "aborted", "completed"])
        const kept = yield* app.request("GET", `/api/arena/sessions/${session_id}`, { token: person.token })
        expect(Object(kept.json).messages.map(({ content }: { content: string }) => content)).toEqual([
          "Go on",
          "Half",
          "Half",
          "Soon done.",
        ])

        yield* one.ask("arena_stop_generation", { session_id })
        yield* two.until(stopped, 2)
        expect(one.payloads(stopped)).toEqual([{ session_id }, { session_id }])
        gate.open()
        const next = { session_id, config_ids: configs, message: "Now go on" }
        expect(yield* one.ask("arena_send_message", next)).toMatchObject({ ok: true })
        yield* one.until("arena_message_complete", 4)
        expect(one.payloads(stopped).length).toBe(2)
        expect(stranger.names).toEqual([])
      }),
    )
  }

  it.live("tells which config failed, and why; the others go on", () =>
    Effect.gen(function* () {
      const { person, provider, configs } = yield* comparing(3)
      const gate = new Latch()
      yield* provider.setResponder(({ model }) =>
        model === "gemini" ? status(401) : answer(`${model} `, waitFor(gate), "goes on"),
      )
      const listener = yield* connect(person.token)
      const done = yield* listener.ask("arena_send_message", { config_ids: configs, message: "Who fails?" })
      const failed = yield* listener.until("arena_message_error")
      const [, of] = Object(done).answers
      expect(failed).toEqual({
        config_id: configs[1],
        message_id: of.message_id,
        session_id: done["session_id"],
        error: expect.any(String),
        code: "MODEL_ACCESS_DENIED",
      })
      expect(listener.payloads("arena_message_complete")).toEqual([])
      gate.open()
      yield* listener.until("arena_message_complete", 2)
      expect(configs.map((config) => laneOf(listener, config).names)).toEqual([
        written,
        ["arena_message_start", "arena_message_error"],
        written,
      ])
      expect(laneOf(listener, configs[2]).payloads("arena_message_complete")).toMatchObject([
        { content: "gpt goes on" },
      ])
      expect(listener.payloads("error")).toEqual([])
    }),
  )

  it.live("can be lost in mid-answer: another follows each config's to its end, with nothing missing", () =>
    Effect.gen(function* () {
      const { person, provider, configs } = yield* comparing(2)
      const [first, second] = [new Latch(), new Latch()]
      yield* provider.setResponder(({ model }) =>
        answer(`${model} one`, waitFor(first), " two", waitFor(second), " three"),
      )
      const lost = yield* connect(person.token)
      const done = yield* lost.ask("arena_send_message", { config_ids: configs, message: "Count" })
      const { session_id } = done
      const seen: Array<Record<string, unknown>> = []
      for (const config of configs) seen.push(yield* lost.untilOf(config, "arena_message_chunk"))
      lost.socket.disconnect()
      first.open()
      // Those who hear all the user's events hear what is written from now on twice: it is by `index` one.
      const back = yield* connect(person.token)
      for (const { message_id, index } of seen) {
        const followed = yield* back.ask("arena_follow_message", { session_id, message_id, after: index })
        const { generation_id } = Object(done).answers.find(
          (one: Record<string, unknown>) => one["message_id"] === message_id,
        )
        expect(followed).toMatchObject({ ok: true, session_id, message_id, generation_id })
      }
      second.open()
      for (const config of configs) yield* back.untilOf(config, "arena_message_complete")
      for (const [at, config] of configs.entries()) {
        const chunks = laneOf(back, config).payloads("arena_message_chunk")
        const pieces = new Map(chunks.map((chunk) => [Number(chunk["index"]), chunk["content"]]))
        expect([...pieces.keys()].every((index) => index > Number(seen[at]?.["index"]))).toBe(true)
        const rest = [...pieces].toSorted(([a], [b]) => a - b).map(([, content]) => content)
        expect(rest.join("")).toBe(" two three")
      }
      // Each twice, as followed and as told to all: whoever connects now hears nothing of them by itself.
      yield* back.until("arena_message_complete", 4)
      const whole = yield* connect(person.token, ["polling"])
      yield* whole.ask("arena_follow_message", { session_id, message_id: seen[1]?.["message_id"] })
      const model = seen[1]?.["config_id"] === configs[0] ? "claude" : "gemini"
      expect(yield* whole.until("arena_message_complete")).toMatchObject({
        content: `${model} one two three`,
      })
      expect(whole.names).toEqual(written)
    }),
  )
})
