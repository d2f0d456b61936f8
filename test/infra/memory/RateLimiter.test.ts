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
