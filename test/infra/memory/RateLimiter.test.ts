import { expect } from "bun:test"
import { Duration, Effect, TestClock } from "effect"
import { RateLimiter } from "../../../src/domain/operations/RateLimiter"
import * as InMemory from "../../../src/infra/memory/RateLimiter"
import { it } from "../../support/it"

const bucket = (key: string, capacity: number) => ({ key, capacity, window: Duration.minutes(1) })

it.effect("RateLimiter consumes a token from every requested bucket, or from none", () =>
  Effect.gen(function* () {
    const { consume } = yield* RateLimiter
    const [large, small] = [bucket("large", 3), bucket("small", 1)]
    expect(yield* consume([large, small])).toMatchObject({ allowed: true, limit: 1, remaining: 0 })
    const denied = yield* consume([large, small])
    expect(denied).toMatchObject({ allowed: false, limit: 1, remaining: 0 })
    expect(Duration.toSeconds(denied?.retryAfter ?? 0)).toBe(60)
    expect(yield* consume([large])).toMatchObject({ allowed: true, limit: 3, remaining: 1 })
    yield* TestClock.adjust("1 minute")
    expect(yield* consume([small, large])).toMatchObject({ allowed: true, limit: 1 })
    expect(yield* consume([])).toBeUndefined()
  }).pipe(Effect.provide(InMemory.layer)),
)

it.effect("RateLimiter forgets the buckets used longest ago when there are too many", () =>
  Effect.gen(function* () {
    const { consume } = yield* RateLimiter
    const consumeMany = (count: number, name: string) =>
      consume(Array.from({ length: count }, (_, index) => bucket(`${name} ${index}`, 1)))
    yield* consume([bucket("first", 1)])
    yield* consume([bucket("used again", 2)])
    yield* consumeMany(99_000, "other")
    yield* consume([bucket("used again", 2)])
    yield* consumeMany(1_000, "last")
    expect(yield* consume([bucket("first", 1)])).toMatchObject({ allowed: true })
    expect(yield* consume([bucket("used again", 2)])).toMatchObject({ allowed: false })
    expect(yield* consume([bucket("last 999", 1)])).toMatchObject({ allowed: false })
  }).pipe(Effect.provide(InMemory.layer)),
)
