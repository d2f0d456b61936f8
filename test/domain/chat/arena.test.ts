import { expect } from "bun:test"
import { Effect, Stream } from "effect"
import { Arena } from "../../../src/domain/chat/Arena"
import { concatDeltas } from "../../../src/domain/generation/Generations/EventBuffer"
import { Usage } from "../../../src/domain/operations/Usage"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, status, usage, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"
import { collectAll, createContenders, transcriptLines } from "./arenaFixtures"

layer(TestLayer.layer({ TOKENS_LIMIT: "-1" }))("Arena", (it) => {
  it.live("lets four assistants answer concurrently, each with its own context", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const provider = yield* Provider
      const actor = yield* TestLayer.newActor()
      const assistantIds = yield* createContenders(actor, 4)
      const gate = new Latch()
      const before = provider.requests.length
      yield* provider.setResponder(({ model }) => answer(`${model} `, waitFor(gate), "done", usage(5, 3)))

      const first = yield* arena.send(actor, { assistantIds, content: "What is\nquantum computing?" })
      expect(first.isNew).toBe(true)
      expect(first.lanes.map(({ assistantId }) => assistantId)).toEqual(assistantIds)
      expect(first.session).toMatchObject({ title: "What is", messageCount: 5 })
      // All four requests are sent before any answer is complete.
      yield* provider.received(before + 3)
      gate.open()
      const answers = (yield* collectAll(first.lanes)).map(concatDeltas)
      expect(answers).toEqual([0, 1, 2, 3].map((index) => `model-${index} done`))

      const sessionId = first.session.id
      const second = yield* arena.send(actor, { sessionId, assistantIds, content: "Go on" })
      yield* collectAll(second.lanes)
      expect(second.isNew).toBe(false)
      const bodies = provider.requests.slice(before + 4).map(({ body }) => body)
      expect(bodies.length).toBe(4)
      for (const index of [0, 1, 2, 3]) {
        const body = bodies.find(({ model }) => model === `model-${index}`)
        expect(body?.messages.map(({ content }) => content)).toEqual([
          `You are number ${index}.`,
          "What is\nquantum computing?",
          `model-${index} done`,
          "Go on",
        ])
      }

      const third = yield* arena.send(actor, {
        sessionId,
        assistantIds: assistantIds.slice(1, 2),
        content: "And you?",
      })
      yield* collectAll(third.lanes)
      const round = [0, 1, 2, 3].map((index) => `${index}: model-${index} done`)
      expect(yield* transcriptLines(actor, sessionId)).toEqual([
        "user: What is\nquantum computing?",
        ...round,
        "user: Go on",
        ...round,
        "user: And you?",
        "1: model-1 done",
      ])
      const { session, messages } = yield* arena.get(actor, sessionId)
      expect(session.title).toBe("What is")
      const prompts = messages.filter(({ role }) => role === "user")
      expect(prompts).toEqual([first.message, second.message, third.message])
      for (const message of messages) {
        expect(yield* arena.message(actor, sessionId, message.id)).toEqual(message)
        expect(message.metadata === null).toBe(message.role === "user")
      }
      expect((yield* (yield* Usage).getAccount(actor)).tokensUsed).toBe(9 * 8)
    }),
  )

  it.live("completes the other answers when one fails", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const provider = yield* Provider
      const actor = yield* TestLayer.newActor()
      const assistantIds = yield* createContenders(actor, 3)
      yield* provider.setResponder(({ model }) =>
        model === "model-0" ? status(500) : answer(`I am ${model}`),
      )
      const sent = yield* arena.send(actor, { assistantIds, content: "Who?" })
      const logs = yield* collectAll(sent.lanes)
      expect(logs.map((events) => events.at(-1)?.type)).toEqual(["failed", "completed", "completed"])
      const lines = ["user: Who?", "1: I am model-1", "2: I am model-2"]
      expect(yield* transcriptLines(actor, sent.session.id)).toEqual(lines)

      yield* provider.setResponder(({ model }) => answer(`Still ${model}`))
      const again = yield* arena.send(actor, { sessionId: sent.session.id, assistantIds, content: "Who?" })
      yield* collectAll(again.lanes)
      expect(yield* transcriptLines(actor, sent.session.id)).toEqual([
        ...lines,
        "user: Who?",
        "0: Still model-0",
        "1: Still model-1",
        "2: Still model-2",
      ])
    }),
  )

  it.live("accepts one of several concurrent prompts, and the next one after a stop", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const provider = yield* Provider
      const actor = yield* TestLayer.newActor()
      const assistantIds = yield* createContenders(actor, 2)
      const { id: sessionId } = yield* arena.create(actor, { assistantIds, title: "Duel" })
      const gate = new Latch()
      yield* provider.setResponder(() => answer("Well", waitFor(gate), ", never"))
      const outcomes = yield* Effect.forEach(
        ["one", "two", "three", "four"],
        (content) => Effect.either(arena.send(actor, { sessionId, assistantIds, content })),
        { concurrency: "unbounded" },
      )
      const started = outcomes.flatMap((outcome) => (outcome._tag === "Right" ? [outcome.right] : []))
      const errors = outcomes.flatMap((outcome) => (outcome._tag === "Left" ? [outcome.left._tag] : []))
      expect([started.length, errors]).toEqual([
        1,
        ["GenerationInProgress", "GenerationInProgress", "GenerationInProgress"],
      ])
      for (const { events } of started.flatMap(({ lanes }) => lanes)) {
        yield* Stream.runHead(Stream.filter(events, ({ type }) => type === "delta"))
      }
      yield* Effect.all([arena.stop(actor, sessionId), arena.stop(actor, sessionId)], { concurrency: 2 })
      const logs = yield* collectAll(started.flatMap(({ lanes }) => lanes))
      expect(logs.map((events) => events.at(-1)?.type)).toEqual(["stopped", "stopped"])
      const content = started[0]?.message.content ?? ""
      expect(yield* transcriptLines(actor, sessionId)).toEqual([`user: ${content}`, "0: Well", "1: Well"])

      gate.open()
      const next = yield* arena.send(actor, { sessionId, assistantIds, content: "Now?" })
      yield* collectAll(next.lanes)
      expect((yield* transcriptLines(actor, sessionId)).slice(3)).toEqual([
        "user: Now?",
        "0: Well, never",
        "1: Well, never",
      ])
      expect((yield* arena.get(actor, sessionId)).session.title).toBe("Duel")
    }),
  )
})

layer(TestLayer.layer({ TOKENS_LIMIT: "1000", MAX_OUTPUT_TOKENS: "300" }))(
  "Arena under a token limit",
  (it) => {
    it.live("starts all lanes of a prompt, or none and stores nothing", () =>
      Effect.gen(function* () {
        const arena = yield* Arena
        const provider = yield* Provider
        const actor = yield* TestLayer.newActor()
        const assistantIds = yield* createContenders(actor, 4)
        const before = provider.requests.length
        const error = yield* Effect.flip(arena.send(actor, { assistantIds, content: "Too much" }))
        expect(error._tag).toBe("TokenLimitReached")
        expect(yield* arena.list(actor, { offset: 0, limit: 10 })).toEqual({ items: [], total: 0 })
        expect(yield* (yield* Usage).getAccount(actor)).toEqual({
          tokensLimit: 1000,
          tokensUsed: 0,
          messagesSent: 0,
        })

        const { id: sessionId } = yield* arena.create(actor, { assistantIds })
        const secondError = yield* Effect.flip(
          arena.send(actor, { sessionId, assistantIds, content: "Too much" }),
        )
        expect(secondError._tag).toBe("TokenLimitReached")
        const { session, messages } = yield* arena.get(actor, sessionId)
        expect([messages, session.messageCount, session.hasTitle]).toEqual([[], 0, false])
        expect(provider.requests.length).toBe(before)

        const fewer = yield* arena.send(actor, {
          sessionId,
          assistantIds: assistantIds.slice(0, 3),
          content: "Hi",
        })
        yield* collectAll(fewer.lanes)
        expect((yield* transcriptLines(actor, sessionId)).length).toBe(4)
        expect((yield* (yield* Usage).getAccount(actor)).messagesSent).toBe(1)
      }),
    )
  },
)
