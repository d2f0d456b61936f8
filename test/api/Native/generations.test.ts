import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Exit, Fiber, Option, Stream } from "effect"
import { Generations } from "../../../src/domain/generation/Generations"
import { GenerationId } from "../../../src/domain/generation/Generations/Model"
import { Users } from "../../../src/domain/identity/Users"
import type { Actor } from "../../../src/domain/shared/Actor"
import * as Server from "../../support/App"
import { App, type TestResponse } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, rawDelta, status, waitFor } from "../../support/ScriptedProvider/Script"
import { actorOf } from "../UniChat/arenaFixtures"

const logOf = ({ events }: TestResponse) =>
  events.map(({ data }) => JSON.parse(data) as Record<string, unknown>)
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** Starts a generation that answers "Hel", waits for the gate, and continues with "lo". */
const startGeneration = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser()
  const chat = yield* app.newChat(user)
  const gate = new Latch()
  yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
  const response = yield* app.requestStream("GET", app.streamPath(chat, "Greet me"), { token: user.token })
  const id = response.headers.get("x-generation-id") ?? ""
  const fullText = yield* Effect.fork(Effect.promise(() => response.text()))
  const read = (headers: Record<string, string> = {}) =>
    app.request("GET", `/api/generations/${id}/events`, { token: user.token, headers })
  const stop = app.request("POST", `/api/generations/${id}/stop`, { token: user.token })
  return { app, user, chat, gate, id, fullText, read, stop }
})

/** Starts a generation that reasons "Hm. ", waits for the gate, and then reasons "So." and answers "Hello". */
const startReasoning = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser()
  const chat = yield* app.newChat(user)
  const gate = new Latch()
  const provider = yield* Provider
  yield* provider.script(
    answer(rawDelta({ reasoning: "Hm. " }), waitFor(gate), rawDelta({ reasoning: "So." }), "Hello"),
  )
  const response = yield* app.requestStream("GET", app.streamPath(chat, "Greet me"), { token: user.token })
  const id = response.headers.get("x-generation-id") ?? ""
  const fullText = yield* Effect.fork(Effect.promise(() => response.text()))
  const readEvents = (query: string, lastEventId?: string) =>
    Effect.map(
      app.request("GET", `/api/generations/${id}/events${query}`, {
        token: user.token,
        headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
      }),
      ({ events }) => events,
    )
  return { app, user, chat, gate, id, fullText, readEvents }
})

const reasoningIn = (events: TestResponse["events"]) =>
  events
    .filter(({ event }) => event === "reasoning")
    .map(({ data }) => JSON.parse(data).text)
    .join("")

const allTypes = ["prompt", "started", "reasoning", "delta", "completed"]
const typesOf = (events: TestResponse["events"]) => [...new Set(events.map(({ event }) => event))]

layer(Server.layer())("Generations", (it) => {
  it.live("keeps reasoning apart from the answer, and sends it to readers that ask for it", () =>
    Effect.gen(function* () {
      const { user, app, chat, gate, id, fullText, readEvents } = yield* startReasoning
      const path = `/api/generations/${id}/events?reasoning=true`
      const stream = yield* app.requestStream("GET", path, { token: user.token })
      gate.open()
      const live = yield* Effect.promise(() => stream.text())
      expect(live).toContain('event: reasoning\ndata: {"type":"reasoning","offset":0,"text":"Hm. ')
      expect(live.indexOf("So.")).toBeLessThan(live.indexOf("Hello"))
      yield* Fiber.join(fullText)

      const plain = yield* readEvents("")
      expect(plain.map(({ id, event }) => `${id} ${event}`)).toEqual([
        "0 prompt",
        "1 started",
        "2 delta",
        "3 completed",
      ])
      expect(JSON.stringify(plain)).not.toMatch(/Hm|So/)

      const whole = yield* readEvents("?reasoning=true")
      expect([reasoningIn(whole), typesOf(whole)]).toEqual(["Hm. So.", allTypes])
      expect(whole.filter(({ event }) => event !== "reasoning").map(({ data }) => data)).toEqual(
        plain.map(({ data }) => data),
      )
      const rest = yield* readEvents("?reasoning=true", "1.4")
      expect([reasoningIn(rest), rest.map(({ id }) => id)]).toEqual(["So.", ["1.7", "2.7", "3.7"]])

      yield* (yield* Provider).script(answer("Again"))
      yield* app.request("GET", app.streamPath(chat, "And now?"), { token: user.token })
      expect((yield* Provider).requests.at(-1)?.body.messages).toEqual([
        { role: "user", content: "Greet me" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: "And now?" },
      ])
    }),
  )

  it.live("reads reasoning from the database once it is no longer in memory", () =>
    Effect.gen(function* () {
      const { gate, fullText, readEvents } = yield* startReasoning
      gate.open()
      yield* Fiber.join(fullText)
      yield* Effect.sleep("3500 millis")
      const whole = yield* readEvents("?reasoning=true")
      expect([reasoningIn(whole), typesOf(whole)]).toEqual(["Hm. So.", allTypes])
      const rest = yield* readEvents("?reasoning=true", "1.2")
      expect(reasoningIn(rest)).toBe(". So.")
    }),
  )

  it.live("counts the reasoning of a generation that is stopped before its answer", () =>
    Effect.gen(function* () {
      const { app, user, id, fullText } = yield* startReasoning
      const path = `/api/generations/${id}/events?reasoning=true`
      const stream = yield* app.requestStream("GET", path, { token: user.token })
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
      let seen = ""
      while (!seen.includes("Hm. ")) seen += (yield* Effect.promise(async () => reader?.read()))?.value ?? ""
      yield* app.request("POST", `/api/generations/${id}/stop`, { token: user.token })
      yield* Fiber.join(fullText)
      const sql = yield* SqlClient.SqlClient
      const entries = yield* sql`select completion_tokens from usage_entries where id = ${id}`
      expect(entries.map(({ completion_tokens }) => completion_tokens)).toEqual([2])
    }),
  )

  it.live("disconnects readers when their user is suspended and completes the generation", () =>
    Effect.gen(function* () {
      const { app, gate, id, user, fullText } = yield* startGeneration
      const users = yield* Users
      const other = yield* startGeneration
      const log = yield* app.requestStream("GET", `/api/generations/${id}/events`, { token: user.token })
      const live = yield* Effect.fork(Effect.promise(() => log.text()))
      const admin: Actor = { ...actorOf(yield* app.newAdmin()), role: "admin" }
      yield* users.setStatus(admin, actorOf(user).userId, { status: "suspended" })
      const exits = yield* Effect.all([Fiber.await(fullText), Fiber.await(live)])
      expect(exits.map(Exit.isFailure)).toEqual([true, true])
      gate.open()
      const { events } = yield* (yield* Generations).events(actorOf(user), GenerationId.make(id), -1)
      expect(Option.getOrThrow(yield* Stream.runLast(events))).toMatchObject({ type: "completed" })
      other.gate.open()
      expect(yield* Fiber.join(other.fullText)).toContain("lo")
    }),
  )

  it.live("stops the generations of a user who is banned, and keeps the text so far", () =>
    Effect.gen(function* () {
      const { app, gate, id, user } = yield* startGeneration
      const { token } = yield* app.newAdmin()
      const other = yield* startGeneration
      const { events } = yield* (yield* Generations).events(actorOf(user), GenerationId.make(id), -1)
      yield* Stream.runHead(Stream.filter(events, ({ type }) => type === "delta"))
      yield* app.request("PUT", `/api/admin/users/${user.id}/ban`, { token, body: {} })
      expect(Option.getOrThrow(yield* Stream.runLast(events))).toMatchObject({ type: "stopped" })
      const sql = yield* SqlClient.SqlClient
      const answers = yield* sql`
        select m.content from messages m join generations g on g.answer_id = m.id where g.id = ${id}`
      expect(answers).toEqual([{ content: "Hel" }])
      gate.open()
      other.gate.open()
      expect(yield* Fiber.join(other.fullText)).toContain("lo")
    }),
  )

  it.live("streams the log from the start or after an event, during and after the generation", () =>
    Effect.gen(function* () {
      const { app, user, gate, chat, id, read, fullText } = yield* startGeneration
      const { token } = user
      const live = yield* Effect.fork(read())
      const later = yield* Effect.fork(read({ "last-event-id": "1" }))
      gate.open()
      const first = yield* Fiber.join(live)
      const log = logOf(first)
      expect(first.events.map(({ id }) => id)).toEqual(log.map((_, index) => String(index)))
      expect(first.events.map(({ event }) => event)).toEqual(log.map(({ type }) => type as string))
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index))
      const [prompt, started, ...rest] = log
      expect(prompt).toEqual({
        type: "prompt",
        seq: 0,
        messageId: prompt?.messageId,
        previousMessageId: null,
        conversationId: chat,
        content: "Greet me",
        createdAt: time,
      })
      expect(started).toEqual({
        type: "started",
        seq: 1,
        messageId: started?.messageId,
        model: "openai/scripted",
        createdAt: time,
      })
      expect(rest.map(({ text }) => text ?? "").join("")).toBe("Hello")
      expect(rest.at(-1)).toMatchObject({ type: "completed", reason: "stop" })

      expect(logOf(yield* Fiber.join(later))).toEqual(log.slice(2))
      expect(logOf(yield* read())).toEqual(log)
      expect(logOf(yield* read({ "last-event-id": "2" }))).toEqual(log.slice(3))
      const nothingLeft = yield* read({ "last-event-id": String(log.length - 1) })
      expect([nothingLeft.status, nothingLeft.text]).toEqual([204, ""])
      const byAnswer = yield* app.request("GET", `/api/generations/${started?.messageId}/events`, { token })
      expect(logOf(byAnswer)).toEqual(log)
      // Another contract's stream of the same generation has the same event ids and the same text.
      const shown = Server.parseEvents(yield* Fiber.join(fullText))
      const deltas = first.events.filter(({ event }) => event === "delta")
      expect(shown.slice(1).map(({ id }) => id)).toEqual(deltas.map(({ id }) => id))
      expect(shown.slice(1).map(({ data }) => JSON.parse(data).data.content)).toEqual(
        deltas.map(({ data }) => JSON.parse(data).text),
      )
      // Simulate the expiry of the log after a week.
      yield* (yield* SqlClient.SqlClient)`delete from generation_log where generation_id = ${id}`
      for (const headers of [{}, { "last-event-id": "2" }]) {
        const expired = yield* read(headers)
        expect([expired.status, expired.at("code")]).toEqual([410, "GENERATION_LOG_EXPIRED"])
      }
    }),
  )

  it.live("stops on request, stores the text so far, and accepts repeated stop requests", () =>
    Effect.gen(function* () {
      const { app, user, chat, id, read, stop, fullText } = yield* startGeneration
      const following = yield* Effect.fork(read())
      const stream = app.requestStream("GET", `/api/generations/${id}/events`, { token: user.token })
      const reader = (yield* stream).body?.getReader()
      yield* Effect.promise(async () => {
        let text = ""
        while (!text.includes('"delta"')) text += new TextDecoder().decode((await reader?.read())?.value)
        await reader?.cancel()
      })
      const answers = yield* Effect.all([stop, stop, stop], { concurrency: 3 })
      for (const stopped of [...answers, yield* stop]) {
        expect(stopped.status).toBe(200)
        expect(stopped.json).toEqual({
          id,
          conversationId: chat,
          promptId: stopped.at("promptId"),
          answerId: stopped.at("answerId"),
          model: "openai/scripted",
          state: "stopped",
          startedAt: time,
          endedAt: time,
        })
      }
      expect(logOf(yield* Fiber.join(following)).at(-1)).toMatchObject({ type: "stopped" })
      const shown = Server.parseEvents(yield* Fiber.join(fullText))
      expect(shown.map(({ data }) => JSON.parse(data).data.content)).toEqual(["Greet me", "Hel"])
      const messages = yield* app.request("GET", `/api/chats/${chat}/messages`, { token: user.token })
      expect([messages.at("data.items.1.id"), messages.at("data.items.1.content")]).toEqual([
        answers[0]?.at("answerId") ?? "",
        "Hel",
      ])
    }),
  )

  it.live("does not change a generation that has ended when it is stopped", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const chat = yield* app.newChat(user)
      const stopAfter = (response: TestResponse) =>
        app.request("POST", `/api/generations/${response.headers.get("x-generation-id")}/stop`, {
          token: user.token,
        })
      const completed = yield* stopAfter(yield* app.sendPrompt(user, chat, "hi"))
      expect([completed.status, completed.at("state")]).toEqual([200, "completed"])
      yield* (yield* Provider).script(status(500))
      const failed = yield* stopAfter(yield* app.sendPrompt(user, chat, "hi"))
      expect(failed.json).toMatchObject({ state: "failed", answerId: null })
    }),
  )

  it.live("answers 404 for unknown and malformed ids", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      for (const id of ["01890000-0000-7000-8000-000000000000", "1", "%00", "x".repeat(5_000), "%ff"]) {
        const answers = yield* Effect.all([
          app.request("GET", `/api/generations/${id}/events`, { token }),
          app.request("POST", `/api/generations/${id}/stop`, { token }),
        ])
        expect([id, ...answers.map(({ status }) => status)]).toEqual([id, 404, 404])
      }
    }),
  )
})
