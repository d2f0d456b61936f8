import { Clock, Effect, Layer } from "effect"
import { RateLimiter } from "../../src/domain/operations/RateLimiter"
import * as InMemory from "../../src/infra/memory/RateLimiter"

/** A rate limiter whose time stands still: how slow the machine is must not decide how many requests pass. */
export const layer = Layer.effect(
  RateLimiter,
  Effect.gen(function* () {
    const { consume } = yield* RateLimiter
    const clock = yield* Effect.clock
    const now = clock.unsafeCurrentTimeMillis()
    const stopped: Clock.Clock = {
      ...clock,
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: () => now,
      currentTimeMillis: Effect.succeed(now),
    }
    return { consume: (buckets) => Effect.withClock(consume(buckets), stopped) }
  }),
).pipe(Layer.provide(InMemory.layer))
