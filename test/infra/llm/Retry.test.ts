import { describe, expect } from "bun:test"
import { Duration, Effect } from "effect"
import { it } from "../../support/it"
import { answer, disconnect, event, exactAnswer, status } from "../../support/ScriptedProvider/Script"
import { readAll, withProvider } from "./providerFixtures"

const overloaded = status(529)

describe("Retries", () => {
  it.live("retries when the provider is overloaded or rate limits briefly", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider()
      const limited = status(429, {}, { "retry-after-ms": "2" })
      yield* provider.script(overloaded, limited, answer("third"), limited, overloaded, answer("sixth"))
      expect((yield* readAll(stream)).text).toBe("third")
      expect((yield* complete).text).toBe("sixth")
      expect(provider.requests.length).toBe(6)
    }),
  )

  it.live("retries when the first event is an error", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(exactAnswer(event({ error: { message: "Overloaded" } })), answer("second"))
      expect((yield* readAll(stream)).text).toBe("second")
    }),
  )

  it.live("stops retrying at LLM_MAX_RETRIES", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "3" })
      yield* provider.setResponder(() => overloaded)
      expect((yield* readAll(stream)).error?._tag).toBe("ModelOverloaded")
      expect(provider.requests.length).toBe(4)
      expect((yield* Effect.flip(complete))._tag).toBe("ModelOverloaded")
      expect(provider.requests.length).toBe(8)
    }),
  )

  it.live("never retries after the first token", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const broken = event({ error: { message: "Overloaded" } })
      yield* provider.script(exactAnswer("one", broken), answer("two"))
      const { text, error } = yield* readAll(stream)
      expect([text, error?._tag, provider.requests.length]).toEqual(["one", "ModelOverloaded", 1])
    }),
  )

  it.live("never retries permanent errors", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.setResponder((_request) => status(401))
      yield* readAll(stream)
      yield* provider.setResponder(() => exactAnswer("x", disconnect))
      yield* readAll(stream)
      expect(provider.requests.length).toBe(2)
    }),
  )

  const waits = [
    ["seconds", { "retry-after": "30" }, Duration.seconds(30)],
    ["milliseconds", { "retry-after-ms": "60500" }, Duration.millis(60_500)],
  ] as const
  for (const [name, headers, retryAfter] of waits) {
    it.live(`leaves the retry to the caller when the retry-after is long, sent in ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider()
        yield* provider.setResponder(() => status(429, {}, headers))
        const { error } = yield* readAll(stream)
        expect(error).toMatchObject({ _tag: "ModelRateLimited", retryAfter })
        expect(provider.requests.length).toBe(1)
      }),
    )
  }

  it.live("leaves the retry to the caller when the retry-after is long, sent as a date", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const date = new Date(Date.now() + 3_600_000).toUTCString()
      yield* provider.setResponder(() => status(429, {}, { "retry-after": date }))
      const { error } = yield* readAll(stream)
      expect(error?._tag === "ModelRateLimited" && Duration.toMinutes(error.retryAfter ?? 0)).toBeGreaterThan(
        58,
      )
    }),
  )
})
