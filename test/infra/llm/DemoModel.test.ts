import { describe, expect } from "bun:test"
import { Chunk, Effect, Fiber, Stream, TestClock } from "effect"
import { it } from "../../support/it"
import { makeModel, readAll, streamAnswer } from "./providerFixtures"

const request = { model: "demo", messages: [{ role: "user" as const, content: "Good  morning\nParley" }] }

describe("The demo model", () => {
  it.live("explains the configuration and repeats the prompt when no provider is configured", () =>
    Effect.gen(function* () {
      const model = yield* makeModel({})
      const { text, finished } = yield* readAll(streamAnswer(model, request))
      expect(text).toContain("demonstration model")
      expect(text).toContain("OPENAI_API_KEY")
      expect(text.endsWith("You wrote: Good  morning\nParley")).toBe(true)
      expect(finished?.usage?.promptTokens).toBe(3)
      expect(finished?.usage?.completionTokens).toBe(text.split(/\s+/).length)
    }),
  )

  it.effect("streams word by word", () =>
    Effect.gen(function* () {
      const model = yield* makeModel({})
      const reading = yield* Effect.fork(Stream.runCollect(Stream.take(streamAnswer(model, request), 3)))
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

  it.live("returns the same text when not streamed, and stops at the token limit", () =>
    Effect.gen(function* () {
      const model = yield* makeModel({})
      const complete = yield* model.complete(request)
      expect(complete.text).toBe((yield* readAll(streamAnswer(model, request))).text)
      const truncated = yield* model.complete({ ...request, maxOutputTokens: 2 })
      expect(truncated).toEqual({
        text: "This is",
        reason: "length",
        usage: { promptTokens: 3, completionTokens: 2 },
      })
    }),
  )
})
