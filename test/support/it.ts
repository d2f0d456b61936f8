import { afterAll, beforeAll, describe, test } from "bun:test"
import { Cause, Effect, Exit, FastCheck, type Layer, ManagedRuntime, type Scope, TestContext } from "effect"
import type { TestServices } from "effect/TestServices"

/** Options of one test. */
interface Options {
  /** Real milliseconds after which the test is interrupted and fails; 30,000 by default. */
  readonly timeout?: number
  /** What the test needs and does not have: if set, it is reported as skipped, with this in its name. */
  readonly skipReason?: string | undefined
}

/** Milliseconds to build or release a shared layer: its real services need longer than one test. */
const layerTimeout = 60_000

type RunEffect<R> = (effect: Effect.Effect<unknown, unknown, R>) => Promise<Exit.Exit<unknown, unknown>>

/**
 * Throws the failure for bun's test runner to print: a single thrown error, such as a failed
 * expectation, unchanged with its own stack; anything else as the pretty-printed Cause.
 */
const throwOnFailure = (exit: Exit.Exit<unknown, unknown>) => {
  if (Exit.isSuccess(exit)) return
  if (exit.cause._tag === "Die" && exit.cause.defect instanceof Error) throw exit.cause.defect
  throw new Failure(Cause.pretty(exit.cause, { renderErrorCause: true }))
}

class Failure extends Error {
  override readonly name = "Failure"
  override readonly stack = ""
}

const make = <R>(run: RunEffect<R>) => {
  const register = (name: string, options: Options | undefined, body: (timeout: number) => Promise<void>) => {
    const { skipReason, timeout = 30_000 } = options ?? {}
    const title = skipReason === undefined ? name : `${name} (needs ${skipReason})`
    // The runner's own limit applies only to a test that cannot be interrupted.
    test.skipIf(skipReason !== undefined)(title, () => body(timeout), timeout + 5_000)
  }

  const runWithTimeout = <A, E>(timeout: number, effect: Effect.Effect<A, E, R>) =>
    run(Effect.timeout(effect, timeout)).then(throwOnFailure)

  const live = <A, E>(body: () => Effect.Effect<A, E, R | Scope.Scope>) => Effect.scoped(Effect.suspend(body))

  const withTestServices = <A, E>(body: () => Effect.Effect<A, E, R | Scope.Scope | TestServices>) =>
    Effect.provide(Effect.scoped(Effect.suspend(body)), TestContext.TestContext)

  return {
    /** Registers a test on the TestClock, which stands still until `TestClock.adjust`. Closes its scope at the end. */
    effect: <A, E>(
      name: string,
      body: () => Effect.Effect<A, E, R | Scope.Scope | TestServices>,
      options?: Options,
    ) => register(name, options, (timeout) => runWithTimeout(timeout, withTestServices(body))),

    /** Registers a test on the real clock. Closes its scope at the end. */
    live: <A, E>(name: string, body: () => Effect.Effect<A, E, R | Scope.Scope>, options?: Options) =>
      register(name, options, (timeout) => runWithTimeout(timeout, live(body))),

    /** Registers a property: `body` must succeed, as in `live`, for every sample. A failing sample is shrunk and reported. */
    prop: <A, E, Values extends [unknown, ...Array<unknown>]>(
      name: string,
      arbitraries: { [K in keyof Values]: FastCheck.Arbitrary<Values[K]> },
      body: (...values: Values) => Effect.Effect<A, E, R | Scope.Scope>,
      options?: Options & FastCheck.Parameters<[Values]>,
    ) =>
      register(name, options, (timeout) => {
        const runSample = (values: Values) =>
          runWithTimeout(
            timeout,
            live(() => body(...values)),
          )
        const property = FastCheck.asyncProperty(FastCheck.tuple<Values>(...arbitraries), runSample)
        return FastCheck.assert(property, {
          interruptAfterTimeLimit: timeout,
          markInterruptAsFailure: true,
          ...options,
        })
      }),
  }
}

/** Registers tests that provide all their services themselves. */
export const it = make<never>((effect) => Effect.runPromiseExit(effect))

/**
 * Registers a block of tests that share one layer. It is built before the first test, on the real
 * clock, and released after the last.
 */
export const layer =
  <R, E>(shared: Layer.Layer<R, E>) =>
  (name: string, tests: (it: ReturnType<typeof make<R>>) => void) =>
    describe(name, () => {
      const runtime = ManagedRuntime.make(shared)
      beforeAll(() => runtime.runPromiseExit(Effect.void).then(throwOnFailure), layerTimeout)
      afterAll(() => Effect.runPromiseExit(runtime.disposeEffect).then(throwOnFailure), layerTimeout)
      tests(make<R>((effect) => runtime.runPromiseExit(effect)))
    })
