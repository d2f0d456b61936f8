import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Exit, Fiber } from "effect"
import { AccountDeletion } from "../../../src/domain/chat/AccountDeletion"
import { Completions } from "../../../src/domain/chat/Completions"
import { Generations } from "../../../src/domain/generation/Generations"
import { Sessions } from "../../../src/domain/identity/Sessions"
import { Users } from "../../../src/domain/identity/Users"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, stall } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

const request = { model: "openai/scripted", messages: [{ role: "user", content: "Hi" }] } as const

/** Starts a call that the provider never ends. Returns what becomes of it at the provider, and of its fiber. */
const startCall = <A, E, R>(call: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const provider = yield* Provider
    const requestCount = provider.requests.length
    yield* provider.script(answer("Half", stall))
    const fiber = yield* Effect.fork(call)
    const { outcome } = yield* provider.received(requestCount)
    return { outcome, exit: Fiber.await(fiber) }
  })

const startCompletion = (actor: Actor) =>
  Effect.flatMap(Completions, ({ complete }) => startCall(complete(actor, request)))

const startStream = (actor: Actor) =>
  Effect.flatMap(Completions, ({ stream }) => startCall(stream(actor, request)))

const startGeneration = (actor: Actor) =>
  Effect.flatMap(Generations, ({ start }) =>
    startCall(start(actor, { conversation: {}, content: "Hi" }, { model: "openai/scripted" })),
  )

layer(TestLayer.layer())("The model calls of a closed account", (it) => {
  it.live("are cancelled by a ban or a deletion, and not by a logout", () =>
    Effect.gen(function* () {
      const [users, sessions, deletion] = yield* Effect.all([Users, Sessions, AccountDeletion])
      const [banned, deleted, other] = yield* Effect.all([
        TestLayer.newActor(),
        TestLayer.newActor(),
        TestLayer.newActor(),
      ])
      const admin = yield* TestLayer.newActor("admin")
      const ofBanned = yield* startCompletion(banned)
      const ofDeleted = yield* startCompletion(deleted)
      const ofOther = yield* startCompletion(other)
      yield* sessions.revokeAll(other.userId)
      yield* users.ban(admin, banned.userId, "Spam")
      yield* deletion.deleteUser(admin, deleted.userId)
      for (const { outcome, exit } of [ofBanned, ofDeleted]) {
        expect(yield* outcome).toBe("aborted")
        expect(Exit.isInterrupted(yield* exit)).toBe(true)
      }
      const isPending = yield* Effect.raceFirst(
        Effect.as(ofOther.outcome, false),
        Effect.as(startCompletion(other), true),
      )
      expect(isPending).toBe(true)
    }),
  )

  it.live("are cancelled and settled on a node that does not hear of it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [banned, deleted] = yield* Effect.all([TestLayer.newActor(), TestLayer.newActor()])
      const calls = [
        yield* startCompletion(banned),
        yield* startStream(banned),
        yield* startGeneration(banned),
        yield* startGeneration(deleted),
      ]
      yield* sql`update users set status = 'banned' where id = ${banned.userId}`
      yield* sql`delete from users where id = ${deleted.userId}`
      expect(yield* Effect.all(calls.map(({ outcome }) => outcome))).toEqual(Array(4).fill("aborted"))
      const unsettled = sql`select from usage_entries where user_id = ${banned.userId} and settled_at is null`
      yield* Effect.repeat(unsettled, { until: (rows) => rows.length === 0 })
      const [generation] = yield* sql`select state from generations where user_id = ${banned.userId}`
      expect(generation).toEqual({ state: "stopped" })
    }),
  )
})
