import { expect, spyOn } from "bun:test"
import { Context, Effect, Fiber, Layer, Logger, Redacted } from "effect"
import { PasswordHasher } from "../../../src/domain/identity/PasswordHasher"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import * as Hasher from "../../../src/infra/crypto/PasswordHasher"
import { it } from "../../support/it"

const password = Redacted.make("yourPassword")
const strength = "$argon2id$v=19$m=19456,t=2,p=1$"

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
  "A password is compared with a hash of its own strength where there is none, whoever hung up before",
  () =>
    Effect.gen(function* () {
      const { verify } = yield* hasher
      const seen = yield* Effect.acquireRelease(
        Effect.sync(() => spyOn(Bun.password, "verify")),
        (spy) => Effect.sync(() => spy.mockRestore()),
      )
      const told: Array<unknown> = []
      const listening = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => told.push(message)),
      )
      const left = yield* Effect.fork(verify(password, undefined))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(left)
      const before = seen.mock.calls.length
      expect(yield* Effect.provide(verify(password, undefined), listening)).toBe(false)
      expect(seen.mock.calls.length).toBe(before + 1)
      expect(seen.mock.calls.at(-1)?.[1]).toStartWith(strength)
      expect(told).toEqual([])
    }),
)

it.live("No more passwords are hashed at once than the setting says, though those who asked hang up", () =>
  Effect.gen(function* () {
    const { hash } = yield* hasher
    const { hash: real } = Bun.password
    let [underWay, most] = [0, 0]
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        spyOn(Bun.password, "hash").mockImplementation((...given) => {
          most = Math.max(most, ++underWay)
          return real(...given).finally(() => underWay--)
        }),
      ),
      (spy) => Effect.sync(() => spy.mockRestore()),
    )
    for (let i = 0; i < 4; i++) {
      const leaving = yield* Effect.fork(hash(password))
      yield* Effect.yieldNow()
      yield* Effect.fork(Fiber.interrupt(leaving))
      yield* Effect.yieldNow()
    }
    expect(yield* hash(password)).toStartWith(strength)
    expect(most).toBe(1)
  }),
)
