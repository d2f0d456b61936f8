import { describe, expect } from "bun:test"
import { Duration, Effect } from "effect"
import { it } from "../../support/it"
import { answer, disconnect, event, exactly, status } from "../../support/Provider/Script"
import { readAll, withProvider } from "./providerFixtures"

const overloaded = status(529)

describe("asking again", () => {
  it.live("happens when the provider is overloaded or rate limits shortly", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider()
      const limited = status(429, {}, { "retry-after-ms": "2" })
      yield* provider.script(overloaded, limited, answer("third"), limited, overloaded, answer("sixth"))
      expect((yield* readAll(stream)).text).toBe("third")
      expect((yield* complete).text).toBe("sixth")
      expect(provider.requests.length).toBe(6)
    }),
  )

  it.live("happens when the first thing that comes is an error event", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(exactly(event({ error: { message: "Overloaded" } })), answer("second"))
      expect((yield* readAll(stream)).text).toBe("second")
    }),
  )

  it.live("is bounded", () =>
    Effect.gen(function* () {
      const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "3" })
      yield* provider.answering(() => overloaded)
      expect((yield* readAll(stream)).error?._tag).toBe("ModelOverloaded")
      expect(provider.requests.length).toBe(4)
      expect((yield* Effect.flip(complete))._tag).toBe("ModelOverloaded")
      expect(provider.requests.length).toBe(8)
    }),
  )

  it.live("never happens once a token has come", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const broken = event({ error: { message: "Overloaded" } })
      yield* provider.script(exactly("one", broken), answer("two"))
      const { text, error } = yield* readAll(stream)
      expect([text, error?._tag, provider.requests.length]).toEqual(["one", "ModelOverloaded", 1])
    }),
  )

  it.live("never happens for what asking again cannot mend", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.answering((_request) => status(401))
      yield* readAll(stream)
      yield* provider.answering(() => exactly("x", disconnect))
      yield* readAll(stream)
      expect(provider.requests.length).toBe(2)
    }),
  )

  const waits = [
    ["seconds", { "retry-after": "30" }, Duration.seconds(30)],
    ["milliseconds", { "retry-after-ms": "60500" }, Duration.millis(60_500)],
  ] as const
  for (const [name, headers, retryAfter] of waits) {
    it.live(`is left to the caller when the wait is long, given in ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream } = yield* withProvider()
        yield* provider.answering(() => status(429, {}, headers))
        const { error } = yield* readAll(stream)
        expect(error).toMatchObject({ _tag: "ModelRateLimited", retryAfter })
        expect(provider.requests.length).toBe(1)
      }),
    )
  }

  it.live("is left to the caller when the wait is long, given as a date", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      const date = new Date(Date.now() + 3_600_000).toUTCString()
      yield* provider.answering(() => status(429, {}, { "retry-after": date }))
      const { error } = yield* readAll(stream)
      expect(error?._tag === "ModelRateLimited" && Duration.toMinutes(error.retryAfter ?? 0)).toBeGreaterThan(
        58,
      )
    }),
  )
})
