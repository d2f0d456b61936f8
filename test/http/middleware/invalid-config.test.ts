import { expect } from "bun:test"
import { ConfigError, Effect, Layer } from "effect"
import * as Server from "../../support/App"
import { it } from "../../support/it"

const invalidValues: ReadonlyArray<readonly [name: string, value: string]> = [
  ["PUBLIC_URL", "parley.example.com"],
  ["PUBLIC_URL", "ftp://parley.example.com"],
  ["CORS_ORIGINS", "chat.example.com"],
  ["CORS_ORIGINS", "https://chat.example.com/path"],
  ["RATE_LIMITS", "sometimes"],
  ["RATE_LIMIT_AUTH_PER_MIN", "0"],
  ["TRUSTED_PROXIES", "-1"],
  ["MAX_BODY_BYTES", "much"],
  ["PORT", "65536"],
  ["JWT_SECRET", "short"],
  ["TOKENS_LIMIT", "-5"],
  ["TOKENS_LIMIT", "99999999999999999999"],
  ["MAX_OUTPUT_TOKENS", "3000000000"],
  ["CONTEXT_TOKENS", "3000000000"],
  ["MODELS_TTL", "0 seconds"],
]

it.live(
  "An invalid configuration value fails start-up with an error that names the variable",
  () =>
    Effect.forEach(invalidValues, ([name, value]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(Server.layer({ [name]: value }))))
        expect(ConfigError.isConfigError(error)).toBe(true)
        expect([name, value, String(error)]).toEqual([name, value, expect.stringContaining(name)])
      }),
    ),
  { timeout: 30_000 },
)
