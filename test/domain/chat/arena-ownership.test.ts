import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Stream } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { AssistantId } from "../../../src/domain/assistants/Assistants/Model"
import { Arena } from "../../../src/domain/chat/Arena"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"
import { createContenders, transcriptLines, collectAll } from "./arenaFixtures"

const nobody = AssistantId.make("019bc0f1-0000-7000-8000-000000000001")

layer(Domains.layer({ TOKENS_LIMIT: "-1" }))("An arena session", (it) => {
  it.live("takes 2 to 4 different assistants that its maker may use", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const [actor, other] = yield* Effect.all([Domains.newActor(), Domains.newActor()])
      const own = yield* createContenders(actor, 5)
      const [hidden = nobody] = yield* createContenders(other, 1)
      const [first = nobody, second = nobody, third = nobody] = own
      const refusals = yield* Effect.forEach(
        [
          [],
          [first],
          own,
          [first, second, first],
          [first, nobody],
          [first, hidden],
          [first, AssistantId.make("x")],
        ],
        (assistantIds) =>
          Effect.all([
            Effect.flip(arena.create(actor, { assistantIds })),
            Effect.flip(arena.send(actor, { assistantIds, content: "Hello" })),
          ]),
      )
      expect(refusals.map((pair) => pair.map(({ _tag }) => _tag))).toEqual(
        [...Array(4).fill("InvalidAssistantCount"), ...Array(3).fill("AssistantNotFound")].map((tag) => [tag, tag]),
      )
      expect(yield* arena.list(actor, { offset: 0, limit: 10 })).toEqual({ items: [], total: 0 })

      const session = yield* arena.create(actor, { assistantIds: [first, second] })
      const sending = (assistantIds: ReadonlyArray<AssistantId>) =>
        Effect.flip(arena.send(actor, { sessionId: session.id, assistantIds, content: "Hello" }))
      expect((yield* sending([]))._tag).toBe("InvalidAssistantCount")
      expect((yield* sending([first, third]))._tag).toBe("AssistantNotFound")
      expect((yield* arena.get(actor, session.id)).messages).toEqual([])
    }),
  )

  it.live("stays to be read when an assistant of it is gone, and talks with those that are left", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const assistants = yield* Assistants
      const provider = yield* Provider
      const actor = yield* Domains.newActor()
      const assistantIds = yield* createContenders(actor, 2)
      const [gone = nobody, left = nobody] = assistantIds
      yield* provider.setResponder(({ model }) => answer(`I am ${model}`))
      const sent = yield* arena.send(actor, { assistantIds, content: "Who?" })
      yield* collectAll(sent.lanes)
      const sessionId = sent.session.id
      yield* assistants.remove(actor, gone)
      const after = yield* arena.get(actor, sessionId)
      expect(after.assistants.map(({ id }) => id)).toEqual([left])
      expect(after.session.lanes.map(({ assistantId }) => assistantId)).toEqual(assistantIds)
      expect(yield* transcriptLines(actor, sessionId)).toEqual(["user: Who?", "0: I am model-0", "1: I am model-1"])
      const refused = yield* Effect.flip(arena.send(actor, { sessionId, assistantIds, content: "Still?" }))
      expect(refused._tag).toBe("AssistantNotFound")
      const next = yield* arena.send(actor, { sessionId, assistantIds: [left], content: "Still?" })
      yield* collectAll(next.lanes)
      expect((yield* transcriptLines(actor, sessionId)).slice(3)).toEqual(["user: Still?", "1: I am model-1"])
    }),
  )

  it.live("is its maker's alone, and leaves nothing when it is deleted in the middle of an answer", () =>
    Effect.gen(function* () {
      const arena = yield* Arena
      const provider = yield* Provider
      const [actor, stranger] = yield* Effect.all([Domains.newActor(), Domains.newActor("admin")])
      const assistantIds = yield* createContenders(actor, 2)
      const gate = new Latch()
      yield* provider.setResponder(() => answer("Secret", waitFor(gate)))
      const before = provider.requests.length
      const sent = yield* arena.send(actor, { assistantIds, content: "Say it" })
      const { id } = sent.session
      const theirs = yield* createContenders(stranger, 2)
      const refusals = yield* Effect.all([
        Effect.flip(arena.get(stranger, id)),
        Effect.flip(arena.message(stranger, id, sent.message.id)),
        Effect.flip(arena.stop(stranger, id)),
        Effect.flip(arena.remove(stranger, id)),
        Effect.flip(arena.send(stranger, { sessionId: id, assistantIds: theirs, content: "Me too" })),
      ])
      expect(refusals.map(({ _tag }) => _tag)).toEqual(refusals.map(() => "ArenaSessionNotFound"))
      expect((yield* arena.list(stranger, { offset: 0, limit: 10 })).total).toBe(0)

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
      const [left] = yield* sql`
        select (select count(*)::int from arena_sessions where user_id = ${actor.userId}) as sessions,
          (select count(*)::int from conversations where user_id = ${actor.userId}) as lanes,
          (select count(*)::int from messages where user_id = ${actor.userId}) as messages,
          (select count(*)::int from generations where user_id = ${actor.userId}) as runs`
      expect(left).toEqual({ sessions: 0, lanes: 0, messages: 0, runs: 0 })
      expect((yield* Effect.flip(arena.get(actor, id)))._tag).toBe("ArenaSessionNotFound")
    }),
  )
})
