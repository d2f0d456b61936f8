import { describe, expect } from "bun:test"
import { Chunk, Effect, Fiber, Stream, TestClock } from "effect"
import { it } from "../../support/it"
import { configured, readAll, spoken } from "./providerFixtures"

const request = { model: "demo", turns: [{ role: "user" as const, content: "Good  morning\nParley" }] }

describe("demo", () => {
  it.live("answers when nothing is configured: says what it is, names the settings, repeats the prompt", () =>
    Effect.gen(function* () {
      const model = yield* configured({})
      expect(model.defaultModel).toBe("demo")
      const { text, finished } = yield* readAll(spoken(model, request))
      expect(text).toContain("demonstration model")
      expect(text).toContain("OPENAI_API_KEY")
      expect(text.endsWith("You wrote: Good  morning\nParley")).toBe(true)
      expect(finished?.usage?.promptTokens).toBe(3)
      expect(finished?.usage?.completionTokens).toBe(text.split(/\s+/).length)
    }),
  )

  it.effect("streams word by word", () =>
    Effect.gen(function* () {
      const model = yield* configured({})
      const reading = yield* Effect.fork(Stream.runCollect(Stream.take(spoken(model, request), 3)))
      yield* TestClock.adjust("44 millis")
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 millis")
      const parts = Chunk.toReadonlyArray(yield* Fiber.join(reading))
      expect(parts.map((part) => (part._tag === "Delta" ? part.text : ""))).toEqual([
        "This",
        " is",
        " Parley's",
      ])
    }),
  )

  it.live("says the same at once, and stops at a limit", () =>
    Effect.gen(function* () {
      const model = yield* configured({})
      const whole = yield* model.complete(request)
      expect(whole.text).toBe((yield* readAll(spoken(model, request))).text)
      const cut = yield* model.complete({ ...request, maxOutputTokens: 2 })
      expect(cut).toEqual({
        text: "This is",
        reason: "length",
        usage: { promptTokens: 3, completionTokens: 2 },
      })
    }),
  )
})
