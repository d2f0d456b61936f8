import { expect } from "bun:test"
import { Duration, Effect, TestClock } from "effect"
import { RateLimiter } from "../../../src/domain/operations/RateLimiter"
import * as InProcess from "../../../src/infra/memory/RateLimiter"
import { it } from "../../support/it"

const bucket = (key: string, capacity: number) => ({ key, capacity, window: Duration.minutes(1) })

it.effect("A limiter takes from every bucket that is asked for, or from none of them", () =>
  Effect.gen(function* () {
    const { take } = yield* RateLimiter
    const [own, all] = [bucket("own", 3), bucket("all", 1)]
    expect(yield* take([own, all])).toMatchObject({ allowed: true, limit: 1, remaining: 0 })
    const refused = yield* take([own, all])
    expect(refused).toMatchObject({ allowed: false, limit: 1, remaining: 0 })
    expect(Duration.toSeconds(refused?.retryAfter ?? 0)).toBe(60)
    expect(yield* take([own])).toMatchObject({ allowed: true, limit: 3, remaining: 1 })
    yield* TestClock.adjust("1 minute")
    expect(yield* take([all, own])).toMatchObject({ allowed: true, limit: 1 })
    expect(yield* take([])).toBeUndefined()
  }).pipe(Effect.provide(InProcess.layer)),
)
