import { afterAll, beforeAll, describe, test } from "bun:test"
import { Cause, Effect, Exit, FastCheck, type Layer, ManagedRuntime, type Scope, TestContext } from "effect"
import type { TestServices } from "effect/TestServices"

/** How one test is run. */
interface Options {
  /** How long it may take, in real milliseconds, before it is interrupted and fails. */
  readonly timeout?: number
  /** What this test needs and does not find: it is then reported as skipped, with this in its name. */
  readonly skipReason?: string | undefined
}

/** Real services that a block shares need longer than one test. */
const layerTimeout = 60_000

type Runner<R> = (effect: Effect.Effect<unknown, unknown, R>) => Promise<Exit.Exit<unknown, unknown>>

/**
 * Throws what went wrong, for bun's runner to print: a single thrown error, such as a failed
 * expectation, as it is, with its own place in the source; anything else as the whole Cause.
 */
const succeeded = (exit: Exit.Exit<unknown, unknown>) => {
  if (Exit.isSuccess(exit)) return
  if (exit.cause._tag === "Die" && exit.cause.defect instanceof Error) throw exit.cause.defect
  throw new Failure(Cause.pretty(exit.cause, { renderErrorCause: true }))
}

class Failure extends Error {
  override readonly name = "Failure"
  override readonly stack = ""
}

const make = <R>(run: Runner<R>) => {
  const register = (name: string, options: Options | undefined, body: (timeout: number) => Promise<void>) => {
    const { skipReason: missing, timeout = 30_000 } = options ?? {}
    const title = missing === undefined ? name : `${name} (needs ${missing})`
    // The runner's own limit only serves a test that cannot be interrupted.
    test.skipIf(missing !== undefined)(title, () => body(timeout), timeout + 5_000)
  }

  const within = <A, E>(timeout: number, effect: Effect.Effect<A, E, R>) =>
    run(Effect.timeout(effect, timeout)).then(succeeded)

  const live = <A, E>(body: () => Effect.Effect<A, E, R | Scope.Scope>) => Effect.scoped(Effect.suspend(body))

  const tested = <A, E>(body: () => Effect.Effect<A, E, R | Scope.Scope | TestServices>) =>
    Effect.provide(Effect.scoped(Effect.suspend(body)), TestContext.TestContext)

  return {
    /** A test whose clock stands still until `TestClock.adjust` turns it. Its scope is closed at the end. */
    effect: <A, E>(
      name: string,
      body: () => Effect.Effect<A, E, R | Scope.Scope | TestServices>,
      options?: Options,
    ) => register(name, options, (timeout) => within(timeout, tested(body))),

    /** A test on the real clock. Its scope is closed at the end. */
    live: <A, E>(name: string, body: () => Effect.Effect<A, E, R | Scope.Scope>, options?: Options) =>
      register(name, options, (timeout) => within(timeout, live(body))),

    /** A property: `body` must succeed, as in `live`, for every sample. A failing sample is shrunk and named. */
    prop: <A, E, Values extends [unknown, ...Array<unknown>]>(
      name: string,
      arbitraries: { [K in keyof Values]: FastCheck.Arbitrary<Values[K]> },
      body: (...values: Values) => Effect.Effect<A, E, R | Scope.Scope>,
      options?: Options & FastCheck.Parameters<[Values]>,
    ) =>
      register(name, options, (timeout) => {
        const holds = (values: Values) =>
          within(
            timeout,
            live(() => body(...values)),
          )
        const property = FastCheck.asyncProperty(FastCheck.tuple<Values>(...arbitraries), holds)
        return FastCheck.assert(property, {
          interruptAfterTimeLimit: timeout,
          markInterruptAsFailure: true,
          ...options,
        })
      }),
  }
}

/** Tests that need nothing but what they provide themselves. */
export const it = make<never>((effect) => Effect.runPromiseExit(effect))

/**
 * A block of tests that share one layer: built before the first of them, on the real clock, and
 * released after the last.
 */
export const layer =
  <R, E>(shared: Layer.Layer<R, E>) =>
  (name: string, tests: (it: ReturnType<typeof make<R>>) => void) =>
    describe(name, () => {
      const runtime = ManagedRuntime.make(shared)
      beforeAll(() => runtime.runPromiseExit(Effect.void).then(succeeded), layerTimeout)
      afterAll(() => Effect.runPromiseExit(runtime.disposeEffect).then(succeeded), layerTimeout)
      tests(make<R>((effect) => runtime.runPromiseExit(effect)))
    })
