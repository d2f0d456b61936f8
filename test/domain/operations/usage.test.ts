import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Fiber, FiberStatus, FastCheck as fc, TestClock } from "effect"
import { Usage } from "../../../src/domain/operations/Usage"
import { UsageRepo } from "../../../src/domain/operations/Usage/Repo"
import { releaseLostCalls } from "../../../src/domain/operations/Usage/ReservationReaper"
import type { Actor } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { Node } from "../../../src/domain/shared/Node"
import { confirmDeadNodes } from "../../../src/domain/shared/Scheduled"
import { layer } from "../../support/it"
import * as Domains from "../../support/testLayer"

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

layer(Domains.layer({ TOKENS_LIMIT: String(limit) }))("The ledger", (it) => {
  it.prop(
    "adds up after any steps, and is never overdrawn by calls that cost no more than they reserved",
    [fc.array(step, { maxLength: 25 })],
    (steps) =>
      Effect.gen(function* () {
        const usage = yield* Usage
        const ids = yield* IdGenerator
        const actor = yield* Domains.newActor()
        const made: Array<{ id: string; tokens: number; settled: boolean }> = []
        let used = 0
        for (const each of steps) {
          const held = made.reduce((sum, { tokens, settled }) => (settled ? sum : sum + tokens), 0)
          if (each.do === "reserve") {
            const id = yield* ids.generate
            const outcome = yield* Effect.either(
              usage.reserve(actor, { id, model: "m", tokens: each.tokens }),
            )
            expect(outcome._tag).toBe(used + held + each.tokens <= limit ? "Right" : "Left")
            if (outcome._tag === "Right") made.push({ id, tokens: each.tokens, settled: false })
          } else {
            const entry = made[each.which]
            if (entry === undefined) continue
            const cost = Math.floor(entry.tokens * each.cost)
            yield* usage.settle(entry.id, { promptTokens: cost, completionTokens: 0 }, null)
            if (!entry.settled) used += cost
            entry.settled = true
          }
          const reserved = yield* reservedOf(actor)
          expect(reserved?.reserved).toBe(reserved?.open ?? -1)
        }
        expect(yield* usage.of(actor)).toEqual({
          tokensLimit: limit,
          tokensUsed: used,
          messagesSent: made.length,
        })
      }),
    { numRuns: 20, timeout: 30_000 },
  )

  it.live("lets through of many calls at once only as many as the limit covers", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const ids = yield* IdGenerator
      const actor = yield* Domains.newActor()
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

  it.live("settles a call once, however many say what it cost", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const actor = yield* Domains.newActor()
      const id = yield* (yield* IdGenerator).generate
      yield* usage.reserve(actor, { id, model: "m", tokens: 50 })
      yield* Effect.all(
        Array.from({ length: 5 }, () => usage.settle(id, { promptTokens: 7, completionTokens: 0 }, null)),
        { concurrency: "unbounded" },
      )
      expect((yield* usage.of(actor)).tokensUsed).toBe(7)
      expect(yield* reservedOf(actor)).toEqual({ reserved: 0, open: 0 })
    }),
  )

  it.effect("gives back what the calls of a server that is gone had reserved, and those alone", () =>
    Effect.gen(function* () {
      const repo = yield* UsageRepo
      const ids = yield* IdGenerator
      const { id: here } = yield* Node
      const lost = yield* ids.generate
      const actor = yield* Domains.newActor()
      for (const [owner, tokens, id] of [
        [here, 10, yield* ids.generate],
        [1, 20, lost],
        [2, 30, yield* ids.generate],
      ] as const) {
        const call = { id, model: "m", tokens }
        yield* repo.reserve(actor.userId, call, owner, new Date())
      }
      expect((yield* reservedOf(actor))?.reserved).toBe(60)
      const settling = yield* Effect.fork(releaseLostCalls)
      yield* Effect.promise(() => Bun.sleep(20)).pipe(
        Effect.zipRight(TestClock.adjust("1 second")),
        Effect.repeat({ until: () => Effect.map(Fiber.status(settling), FiberStatus.isDone) }),
      )
      expect(yield* reservedOf(actor)).toEqual({ reserved: 10, open: 10 })
      // One that was not gone after all is paid for all the same, once.
      for (let time = 0; time < 2; time++)
        yield* repo.settle(lost, { promptTokens: 7, completionTokens: 0 }, null, new Date())
      expect(yield* reservedOf(actor)).toEqual({ reserved: 10, open: 10 })
      expect((yield* (yield* Usage).of(actor)).tokensUsed).toBe(7)
    }).pipe(Effect.provide(UsageRepo.Default)),
  )

  it.effect("takes no server for gone that comes back", () =>
    Effect.gen(function* () {
      let looks = 0
      const node = { id: 1, isAlive: (id: number) => Effect.sync(() => id === 2 && ++looks > 1) }
      const gone = yield* Effect.fork(confirmDeadNodes(node, [1, 2, 3]))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(gone)).toEqual([3])
    }),
  )

  it.live("has no limit for administrators", () =>
    Effect.gen(function* () {
      const usage = yield* Usage
      const admin = yield* Domains.newActor("admin")
      const limited = yield* usage.reserve(admin, {
        id: yield* (yield* IdGenerator).generate,
        model: "m",
        tokens: 10 * limit,
      })
      expect(limited).toBe(false)
      expect((yield* usage.of(admin)).tokensLimit).toBe(-1)
    }),
  )
})
