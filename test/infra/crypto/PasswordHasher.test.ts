import { expect, spyOn } from "bun:test"
import { Context, Effect, Fiber, Layer, Logger, Redacted } from "effect"
import { PasswordHasher } from "../../../src/domain/identity/PasswordHasher"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import * as Hasher from "../../../src/infra/crypto/PasswordHasher"
import { it } from "../../support/it"

const password = Redacted.make("yourPassword")
const hashPrefix = "$argon2id$v=19$m=19456,t=2,p=1$"

const hasher = Effect.map(
  Layer.build(
    Layer.provide(
      Hasher.layer,
      Layer.setConfigProvider(configProviderFromEnv({ PASSWORD_HASHES_AT_ONCE: "1" })),
    ),
  ),
  (context) => Context.get(context, PasswordHasher),
)

it.live(
  "PasswordHasher verifies against a dummy hash of equal strength when there is no stored one, even after an interrupted call",
  () =>
    Effect.gen(function* () {
      const { verify } = yield* hasher
      const verifySpy = yield* Effect.acquireRelease(
        Effect.sync(() => spyOn(Bun.password, "verify")),
        (spy) => Effect.sync(() => spy.mockRestore()),
      )
      const logged: Array<unknown> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => logged.push(message)),
      )
      const abandoned = yield* Effect.fork(verify(password, undefined))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(abandoned)
      const callsBefore = verifySpy.mock.calls.length
      expect(yield* Effect.provide(verify(password, undefined), logger)).toBe(false)
      expect(verifySpy.mock.calls.length).toBe(callsBefore + 1)
      expect(verifySpy.mock.calls.at(-1)?.[1]).toStartWith(hashPrefix)
      expect(logged).toEqual([])
    }),
)

it.live("PasswordHasher never exceeds PASSWORD_HASHES_AT_ONCE, even when callers are interrupted", () =>
  Effect.gen(function* () {
    const { hash } = yield* hasher
    const { hash: real } = Bun.password
    let [inFlight, maxInFlight] = [0, 0]
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        spyOn(Bun.password, "hash").mockImplementation((...args) => {
          maxInFlight = Math.max(maxInFlight, ++inFlight)
          return real(...args).finally(() => inFlight--)
        }),
      ),
      (spy) => Effect.sync(() => spy.mockRestore()),
    )
    for (let i = 0; i < 4; i++) {
      const abandoned = yield* Effect.fork(hash(password))
      yield* Effect.yieldNow()
      yield* Effect.fork(Fiber.interrupt(abandoned))
      yield* Effect.yieldNow()
    }
    expect(yield* hash(password)).toStartWith(hashPrefix)
    expect(maxInFlight).toBe(1)
  }),
)
