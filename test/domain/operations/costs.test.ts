import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { BigDecimal, Effect, FastCheck as fc, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { Models } from "../../../src/domain/models/Models"
import { Usage } from "../../../src/domain/operations/Usage"
import type { Pricing } from "../../../src/domain/operations/Usage/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, usage as usageEvent, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

/** Returns the totals of one user in the ledger, the account and the daily totals; decimals as exact text. */
const totalsOf = Effect.fn(function* (actor: Actor) {
  const sql = yield* SqlClient.SqlClient
  const { userId } = actor
  const [ledger] = yield* sql<{ tokens: number; messages: number; requests: number; cost: string }>`
    select sum(prompt_tokens + completion_tokens)::bigint as tokens, sum(messages)::bigint as messages,
      count(*)::bigint as requests, trim_scale(coalesce(sum(cost_usd), 0))::text as cost
    from usage_entries where user_id = ${userId} and settled_at is not null`
  const [days] = yield* sql`
    select sum(prompt_tokens + completion_tokens)::bigint as tokens, sum(messages)::bigint as messages,
      sum(requests)::bigint as requests, trim_scale(sum(cost_usd))::text as cost
    from usage_days where user_id = ${userId}`
  const [account] = yield* sql`
    select tokens_used as tokens, messages_sent as messages, tokens_reserved as reserved
    from usage_accounts where user_id = ${userId}`
  return { ledger, days, account }
})

const price = fc
  .tuple(fc.nat(10 ** 9), fc.integer({ min: 0, max: 12 }))
  .map(([value, scale]) => BigDecimal.format(BigDecimal.make(BigInt(value), scale)))

const call = fc.record({
  model: fc.constantFrom("a", "b/c"),
  messages: fc.integer({ min: 0, max: 2 }),
  promptTokens: fc.nat(1000),
  completionTokens: fc.nat(1000),
  price: fc.option(fc.record({ prompt: price, completion: price })),
})

const exactCost = ({
  price,
  promptTokens,
  completionTokens,
}: typeof call extends fc.Arbitrary<infer C> ? C : never) =>
  price === null
    ? BigDecimal.fromBigInt(0n)
    : BigDecimal.sum(
        BigDecimal.multiply(
          BigDecimal.unsafeFromString(price.prompt),
          BigDecimal.unsafeFromNumber(promptTokens),
        ),
        BigDecimal.multiply(
          BigDecimal.unsafeFromString(price.completion),
          BigDecimal.unsafeFromNumber(completionTokens),
        ),
      )

layer(TestLayer.layer({ TOKENS_LIMIT: "-1" }))("Costs", (it) => {
  it.prop(
    "keeps exact and equal costs in ledger, account and daily totals after concurrent settlements",
    [fc.array(call, { minLength: 1, maxLength: 24 })],
    (calls) =>
      Effect.gen(function* () {
        const usage = yield* Usage
        const ids = yield* IdGenerator
        const actor = yield* TestLayer.newActor()
        yield* Effect.forEach(
          calls,
          ({ model, messages, promptTokens, completionTokens, price }) =>
            Effect.gen(function* () {
              const id = yield* ids.generate
              yield* usage.reserve(actor, { id, model, messages, tokens: 2000 })
              const settled = usage.settle(id, { promptTokens, completionTokens }, price)
              yield* Effect.all([settled, settled], { concurrency: 2 })
            }),
          { concurrency: "unbounded", discard: true },
        )
        const { ledger, days, account } = yield* totalsOf(actor)
        const cost = BigDecimal.sumAll(calls.map(exactCost))
        const known = BigDecimal.unsafeFromString(ledger?.cost ?? "none")
        expect(BigDecimal.equals(known, cost)).toBe(true)
        expect(ledger?.requests).toBe(calls.length)
        expect(days).toEqual({ ...ledger })
        expect(account).toEqual({ tokens: ledger?.tokens, messages: ledger?.messages, reserved: 0 })
      }),
    { numRuns: 8, timeout: 30_000 },
  )

  it.live("adds up the costs of concurrent generations and single calls", () =>
    Effect.gen(function* () {
      const provider = yield* Provider
      const generations = yield* Generations
      const conversations = yield* Conversations
      const usage = yield* Usage
      const models = yield* Models
      const ids = yield* IdGenerator
      yield* models.list
      yield* provider.setResponder(() => answer("Hello", " there", usageEvent(11, 7)))
      const actor = yield* TestLayer.newActor()
      const targets = yield* Effect.forEach(["one", "two", "three"], (title) =>
        conversations.create(actor, { title }),
      )
      const run = (n: number) =>
        Effect.gen(function* () {
          const target = targets[n % 3]
          if (target === undefined) return
          const { events } = yield* generations.start(actor, { conversationId: target.id, content: "Hi" })
          yield* Stream.runDrain(events)
        })
      const single = Effect.gen(function* () {
        const id = yield* ids.generate
        yield* usage.reserve(actor, { id, model: "openai/scripted", tokens: 100, messages: 0 })
        yield* usage.settle(id, { promptTokens: 1, completionTokens: 1 }, models.priceOf("openai/scripted"))
      })
      yield* Effect.all(
        Array.from({ length: 24 }, (_, n) => (n % 4 === 3 ? single : run(n))),
        { concurrency: "unbounded", discard: true },
      )
      const { ledger, days, account } = yield* totalsOf(actor)
      // 18 generations of 11 * 0.000003 + 7 * 0.000015, and 6 calls of 0.000003 + 0.000015.
      expect(ledger).toEqual({ tokens: 18 * 18 + 12, messages: 18, requests: 24, cost: "0.002592" })
      expect(days).toEqual({ ...ledger })
      expect(account).toEqual({ tokens: 336, messages: 18, reserved: 0 })
    }),
  )

  it.live("uses the price stored with the reservation, else the one known at settlement", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const usage = yield* Usage
      const ids = yield* IdGenerator
      const actor = yield* TestLayer.newActor()
      const price = { prompt: "0.1", completion: "0.01" }
      const costOf = Effect.fn(function* (
        stored: Pricing | null,
        atSettlement: Pricing | null,
        used = { promptTokens: 1, completionTokens: 2 },
      ) {
        const id = yield* ids.generate
        yield* usage.reserve(actor, { id, model: "m", tokens: 10, price: stored })
        yield* usage.settle(id, used, atSettlement)
        const [entry] = yield* sql<{ cost: string }>`
          select cost_usd::text as cost from usage_entries where id = ${id}`
        return entry?.cost
      })
      expect(yield* costOf(price, null)).toBe("0.12")
      expect(yield* costOf(price, { prompt: "9", completion: "9" })).toBe("0.12")
      expect(yield* costOf(null, price)).toBe("0.12")
      expect(yield* costOf(null, null)).toBeNull()
      const perCall = { ...price, request: "1" }
      expect(yield* costOf(perCall, null)).toBe("1.12")
      expect(yield* costOf(null, perCall)).toBe("1.12")
      expect(yield* costOf(price, perCall)).toBe("0.12")
      expect(yield* costOf(perCall, perCall, { promptTokens: 0, completionTokens: 0 })).toBe("0")
      const maxUsage = { promptTokens: 3_000_000_000, completionTokens: 0 }
      expect(yield* costOf(perCall, null, maxUsage)).toBe("300000001")

      // A generation stores its price at the start: another node may finalize it before knowing any price.
      yield* (yield* Models).list
      const gate = new Latch()
      yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
      const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
      const started = yield* (yield* Generations).start(actor, {
        conversationId: conversation.id,
        content: "Hi",
      })
      const prices = yield* sql`
        select prompt_price, completion_price from usage_entries where id = ${started.generation.id}`
      expect(prices).toEqual([{ prompt_price: "0.000003", completion_price: "0.000015" }])
      gate.open()
      yield* Stream.runDrain(started.events)
    }),
  )

  it.live("stores an unknown cost as null and counts the call on the day of its reservation", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const usage = yield* Usage
      const actor = yield* TestLayer.newActor()
      const [free, unknown] = [yield* (yield* IdGenerator).generate, yield* (yield* IdGenerator).generate]
      for (const id of [free, unknown]) yield* usage.reserve(actor, { id, model: "m", tokens: 10 })
      yield* sql`
        update usage_entries set created_at = '2024-01-15T23:30:00-02:00' where id = ${unknown}`
      yield* usage.settle(free, { promptTokens: 1, completionTokens: 2 }, { prompt: "0", completion: "0" })
      yield* usage.settle(unknown, { promptTokens: 1, completionTokens: 2 }, null)
      const costs = yield* sql`
        select cost_usd from usage_entries where user_id = ${actor.userId} order by created_at`
      expect(costs).toEqual([{ cost_usd: null }, { cost_usd: "0" }])
      const [first, second] = yield* sql`
        select day, requests, cost_usd from usage_days where user_id = ${actor.userId} order by day`
      expect(first).toEqual({ day: "2024-01-16", requests: 1, cost_usd: "0" })
      expect(second).toMatchObject({ requests: 1, cost_usd: "0" })
    }),
  )
})
