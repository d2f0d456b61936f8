import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Fiber, FiberStatus, FastCheck as fc, TestClock } from "effect"
import { Usage } from "../../../src/domain/operations/Usage"
import { UsageRepo } from "../../../src/domain/operations/Usage/Repo"
import { releaseOrphanedReservations } from "../../../src/domain/operations/Usage/ReservationReaper"
import type { Actor } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { confirmDeadNodes, Node } from "../../../src/domain/shared/Node"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const limit = 100

const reservedOf = Effect.fn(function* (actor: Actor) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ reserved: number; open: number }>`
    select a.tokens_reserved::int as reserved,
      (select coalesce(sum(reserved_tokens), 0)::int from usage_entries e
       where e.user_id = a.user_id and e.settled_at is null) as open
    from usage_accounts a where a.user_id = ${actor.userId}`
  return rows[0]
})

const step = fc.oneof(
  fc.record({ do: fc.constant("reserve" as const), tokens: fc.integer({ min: 0, max: 60 }) }),
  fc.record({
    do: fc.constant("settle" as const),
    which: fc.nat(9),
    cost: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
)

layer(TestLayer.layer({ TOKENS_LIMIT: String(limit) }))("Usage", (it) => {
  it.prop(
    "keeps totals consistent and never exceeds the limit, for any sequence of reservations and settlements",
    [fc.array(step, { maxLength: 25 })],
    (steps) =>
      Effect.gen(function* () {
        const usage = yield* Usage
        const ids = yield* IdGenerator
        const actor = yield* TestLayer.newActor()
        const reservations: Array<{ id: string; tokens: number; settled: boolean }> = []
        let used = 0
        for (const action of steps) {
          const held = reservations.reduce((sum, { tokens, settled }) => (settled ? sum : sum + tokens), 0)
          if (action.do === "reserve") {
            const id = yield* ids.generate
            const outcome = yield* Effect.either(
              usage.reserve(actor, { id, model: "m", tokens: action.tokens }),
            )
            expect(outcome._tag).toBe(used + held + action.tokens <= limit ? "Right" : "Left")
            if (outcome._tag === "Right") reservations.push({ id, tokens: action.tokens, settled: false })
          } else {
            const entry = reservations[action.which]
            if (entry === undefined) continue
            const cost = Math.floor(entry.tokens * action.cost)
            yield* usage.settle(entry.id, { promptTokens: cost, completionTokens: 0 }, null)
            if (!entry.settled) used += cost
            entry.settled = true
          }
          const reserved = yield* reservedOf(actor)
          expect(reserved?.reserved).toBe(reserved?.open ?? -1)
        }
        expect(yield* usage.getAccount(actor)).toEqual({
          tokensLimit: limit,
          tokensUsed: used,
          messagesSent: reservations.length,
        })
      }),
    { numRuns: 20, timeout: 30_000 },
  )

  it.live("reserves only as many concurrent calls as the limit covers", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const ids = yield* IdGenerator
      const actor = yield* TestLayer.newActor()
      const outcomes = yield* Effect.all(
        Array.from({ length: 20 }, () =>
          Effect.flatMap(ids.generate, (id) =>
            Effect.either(usage.reserve(actor, { id, model: "m", tokens: 30 })),
          ),
        ),
        { concurrency: "unbounded" },
      )
      expect(outcomes.filter(({ _tag }) => _tag === "Right").length).toBe(3)
    }),
  )

  it.live("settles a call once under concurrent settlements", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const actor = yield* TestLayer.newActor()
      const id = yield* (yield* IdGenerator).generate
      yield* usage.reserve(actor, { id, model: "m", tokens: 50 })
      yield* Effect.all(
        Array.from({ length: 5 }, () => usage.settle(id, { promptTokens: 7, completionTokens: 0 }, null)),
        { concurrency: "unbounded" },
      )
      expect((yield* usage.getAccount(actor)).tokensUsed).toBe(7)
      expect(yield* reservedOf(actor)).toEqual({ reserved: 0, open: 0 })
    }),
  )

  it.effect("releases the reservations of dead nodes only", () =>
    Effect.gen(function* () {
      const repo = yield* UsageRepo
      const ids = yield* IdGenerator
      const node = yield* Node
      const orphaned = yield* ids.generate
      const actor = yield* TestLayer.newActor()
      for (const [owner, tokens, id] of [
        [node.id, 10, yield* ids.generate],
        [1, 20, orphaned],
        [2, 30, yield* ids.generate],
      ] as const) {
        const call = { id, model: "m", tokens }
        yield* repo.reserve(actor.userId, call, owner, new Date())
      }
      expect((yield* reservedOf(actor))?.reserved).toBe(60)
      const release = yield* Effect.fork(releaseOrphanedReservations(repo, node))
      yield* Effect.promise(() => Bun.sleep(20)).pipe(
        Effect.zipRight(TestClock.adjust("1 second")),
        Effect.repeat({ until: () => Effect.map(Fiber.status(release), FiberStatus.isDone) }),
      )
      expect(yield* reservedOf(actor)).toEqual({ reserved: 10, open: 10 })
      // The late result of a node that was alive after all is still charged, once.
      for (let attempt = 0; attempt < 2; attempt++)
        yield* repo.settle(orphaned, { promptTokens: 7, completionTokens: 0 }, null, new Date())
      expect(yield* reservedOf(actor)).toEqual({ reserved: 10, open: 10 })
      expect((yield* (yield* Usage).getAccount(actor)).tokensUsed).toBe(7)
    }).pipe(Effect.provide(UsageRepo.Default)),
  )

  it.effect("does not count a node as dead that reconnects within the confirmation delay", () =>
    Effect.gen(function* () {
      let checks = 0
      const node = { id: 1, isAlive: (id: number) => Effect.sync(() => id === 2 && ++checks > 1) }
      const deadNodes = yield* Effect.fork(confirmDeadNodes(node, [1, 2, 3]))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(deadNodes)).toEqual([3])
    }),
  )

  it.live("applies no limit to administrators", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const admin = yield* TestLayer.newActor("admin")
      const limited = yield* usage.reserve(admin, {
        id: yield* (yield* IdGenerator).generate,
        model: "m",
        tokens: 10 * limit,
      })
      expect(limited).toBe(false)
      expect((yield* usage.getAccount(admin)).tokensLimit).toBe(-1)
    }),
  )
})
