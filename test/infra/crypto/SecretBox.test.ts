import { describe, expect } from "bun:test"
import { Effect, Layer, Redacted } from "effect"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { SecretBox, SecretUnreadable } from "../../../src/domain/shared/SecretBox"
import * as AesSecretBox from "../../../src/infra/crypto/SecretBox"
import { it } from "../../support/it"

const [first, second] = [
  "first secret of this server, long enough",
  "second secret of this server, long enough",
]
const owner = { userId: "jane", purpose: "api key of openai" }
const secret = Redacted.make("sk-only-jane-knows-🔑")

const boxWith = (settings: Record<string, string>) =>
  Effect.provide(
    SecretBox,
    Layer.provide(AesSecretBox.layer, Layer.setConfigProvider(configProviderFromEnv(settings))),
  )

describe("SecretBox", () => {
  it.live("opens what it sealed, after a restart too, and seals differently each time", () =>
    Effect.gen(function* () {
      const box = yield* boxWith({ JWT_SECRET: first })
      const [one, two] = [yield* box.seal(secret, owner), yield* box.seal(secret, owner)]
      expect(one).toStartWith(box.prefix)
      expect(one).not.toContain("jane")
      expect(one).not.toBe(two)
      const restarted = yield* boxWith({ JWT_SECRET: first })
      for (const sealed of [one, two]) {
        expect(Redacted.value(yield* restarted.open(sealed, owner))).toBe(Redacted.value(secret))
      }
    }),
  )

  it.live("does not open a secret for another user or purpose, nor one that was altered", () =>
    Effect.gen(function* () {
      const box = yield* boxWith({ JWT_SECRET: first })
      const sealed = yield* box.seal(secret, owner)
      const flipped = sealed.slice(0, -3) + (sealed.at(-3) === "A" ? "B" : "A") + sealed.slice(-2)
      for (const [text, context] of [
        [sealed, { ...owner, userId: "joe" }],
        [sealed, { ...owner, purpose: "api key of google" }],
        [flipped, owner],
        [box.prefix, owner],
        ["", owner],
      ] as const) {
        expect(yield* Effect.flip(box.open(text, context))).toBeInstanceOf(SecretUnreadable)
      }
    }),
  )

  it.live("opens what the previous secret sealed, and seals with the current one", () =>
    Effect.gen(function* () {
      const sealed = yield* (yield* boxWith({ JWT_SECRET: first })).seal(secret, owner)
      const rotated = yield* boxWith({ JWT_SECRET: second, JWT_SECRET_PREVIOUS: first })
      expect(sealed.startsWith(rotated.prefix)).toBe(false)
      expect(Redacted.value(yield* rotated.open(sealed, owner))).toBe(Redacted.value(secret))
      const resealed = yield* rotated.seal(secret, owner)
      const later = yield* boxWith({ JWT_SECRET: second })
      expect(Redacted.value(yield* later.open(resealed, owner))).toBe(Redacted.value(secret))
      expect(yield* Effect.flip(later.open(sealed, owner))).toBeInstanceOf(SecretUnreadable)
    }),
  )
})
