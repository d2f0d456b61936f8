import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Stream } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { AssistantId } from "../../../src/domain/assistants/Assistants/Model"
import { Arena } from "../../../src/domain/chat/Arena"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"
import { collectAll, createContenders, transcriptLines } from "./arenaFixtures"

const unknownId = AssistantId.make("019bc0f1-0000-7000-8000-000000000001")

layer(TestLayer.layer({ TOKENS_LIMIT: "-1" }))("Arena", (it) => {
  it.live("accepts only 2 to 4 different assistants that the actor may use", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const [actor, other] = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor()])
      const own = yield* createContenders(actor, 5)
      const [hidden = unknownId] = yield* createContenders(other, 1)
      const [first = unknownId, second = unknownId, third = unknownId] = own
      const errors = yield* Effect.forEach(
        [
          [],
          [first],
          own,
          [first, second, first],
          [first, unknownId],
          [first, hidden],
          [first, AssistantId.make("x")],
        ],
        (assistantIds) =>
          Effect.all([
            Effect.flip(arena.create(actor, { assistantIds })),
            Effect.flip(arena.send(actor, { assistantIds, content: "Hello" })),
          ]),
      )
      expect(errors.map((pair) => pair.map(({ _tag }) => _tag))).toEqual(
        [...Array(4).fill("InvalidAssistantCount"), ...Array(3).fill("AssistantNotFound")].map((tag) => [
          tag,
          tag,
        ]),
      )
      expect(yield* arena.list(actor, { offset: 0, limit: 10 })).toEqual({ items: [], total: 0 })

      const session = yield* arena.create(actor, { assistantIds: [first, second] })
      const sendError = (assistantIds: ReadonlyArray<AssistantId>) =>
        Effect.flip(arena.send(actor, { sessionId: session.id, assistantIds, content: "Hello" }))
      expect((yield* sendError([]))._tag).toBe("InvalidAssistantCount")
      expect((yield* sendError([first, third]))._tag).toBe("AssistantNotFound")
      expect((yield* arena.get(actor, session.id)).messages).toEqual([])
    }),
  )

  it.live(
    "keeps a session readable after one of its assistants is deleted, and continues with the others",
    () =>
      Effect.gen(function* () {
        const arena = yield* Arena
        const assistants = yield* Assistants
        const provider = yield* Provider
        const actor = yield* TestLayer.newActor()
        const assistantIds = yield* createContenders(actor, 2)
        const [deleted = unknownId, remaining = unknownId] = assistantIds
        yield* provider.setResponder(({ model }) => answer(`I am ${model}`))
        const sent = yield* arena.send(actor, { assistantIds, content: "Who?" })
        yield* collectAll(sent.lanes)
        const sessionId = sent.session.id
        yield* assistants.remove(actor, deleted)
        const after = yield* arena.get(actor, sessionId)
        expect(after.assistants.map(({ id }) => id)).toEqual([remaining])
        expect(after.session.lanes.map(({ assistantId }) => assistantId)).toEqual(assistantIds)
        expect(yield* transcriptLines(actor, sessionId)).toEqual([
          "user: Who?",
          "0: I am model-0",
          "1: I am model-1",
        ])
        const error = yield* Effect.flip(arena.send(actor, { sessionId, assistantIds, content: "Still?" }))
        expect(error._tag).toBe("AssistantNotFound")
        const next = yield* arena.send(actor, { sessionId, assistantIds: [remaining], content: "Still?" })
        yield* collectAll(next.lanes)
        expect((yield* transcriptLines(actor, sessionId)).slice(3)).toEqual([
          "user: Still?",
          "1: I am model-1",
        ])
      }),
  )

  it.live("rejects other users of a session, and deletes it completely while its answers are generated", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const provider = yield* Provider
      const [actor, otherUser] = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor("admin")])
      const assistantIds = yield* createContenders(actor, 2)
      const gate = new Latch()
      yield* provider.setResponder(() => answer("Secret", waitFor(gate)))
      const before = provider.requests.length
      const sent = yield* arena.send(actor, { assistantIds, content: "Say it" })
      const { id } = sent.session
      const otherAssistants = yield* createContenders(otherUser, 2)
      const errors = yield* Effect.all([
        Effect.flip(arena.get(otherUser, id)),
        Effect.flip(arena.message(otherUser, id, sent.message.id)),
        Effect.flip(arena.stop(otherUser, id)),
        Effect.flip(arena.remove(otherUser, id)),
        Effect.flip(
          arena.send(otherUser, { sessionId: id, assistantIds: otherAssistants, content: "Me too" }),
        ),
      ])
      expect(errors.map(({ _tag }) => _tag)).toEqual(errors.map(() => "ArenaSessionNotFound"))
      expect((yield* arena.list(otherUser, { offset: 0, limit: 10 })).total).toBe(0)

      for (const { events } of sent.lanes) {
        yield* Stream.runHead(Stream.filter(events, ({ type }) => type === "delta"))
      }
      const outcomes = yield* Effect.all(
        [Effect.either(arena.remove(actor, id)), Effect.either(arena.remove(actor, id))],
        { concurrency: 2 },
      )
      expect(outcomes.map(({ _tag }) => _tag).toSorted()).toEqual(["Left", "Right"])
      for (const index of [before, before + 1]) {
        expect(yield* (yield* provider.received(index)).outcome).toBe("aborted")
      }
      const sql = yield* SqlClient.SqlClient
      const [counts] = yield* sql`
        select (select count(*)::int from arena_sessions where user_id = ${actor.userId}) as sessions,
          (select count(*)::int from conversations where user_id = ${actor.userId}) as lanes,
          (select count(*)::int from messages where user_id = ${actor.userId}) as messages,
          (select count(*)::int from generations where user_id = ${actor.userId}) as generations`
      expect(counts).toEqual({ sessions: 0, lanes: 0, messages: 0, generations: 0 })
      expect((yield* Effect.flip(arena.get(actor, id)))._tag).toBe("ArenaSessionNotFound")
    }),
  )
})
