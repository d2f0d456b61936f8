import { describe, expect } from "bun:test"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { it } from "../../support/it"
import {
  answer,
  done,
  exactAnswer,
  finish,
  Latch,
  pause,
  stall,
  status,
  waitFor,
} from "../../support/ScriptedProvider/Script"
import { promptOf } from "../../support/ScriptedProvider/Wire"
import { readAll, request, streamAnswer, withProvider } from "./providerFixtures"

describe("Interrupting a model call", () => {
  it.live("closes the connection in the middle of a stream", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("one", waitFor(new Latch())))
      const started = yield* Deferred.make<void>()
      const reading = yield* Effect.fork(
        Stream.runForEach(stream, () => Deferred.succeed(started, undefined)),
      )
      yield* Deferred.await(started)
      const received = yield* provider.received(0)
      expect(provider.openRequests()).toBe(1)
      yield* Fiber.interrupt(reading)
      expect(yield* received.outcome).toBe("aborted")
      expect(provider.openRequests()).toBe(0)
    }),
  )

  it.live("closes the connection before the first token", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer(stall))
      const reading = yield* Effect.fork(Stream.runDrain(stream))
      const received = yield* provider.received(0)
      yield* Fiber.interrupt(reading)
      expect(yield* received.outcome).toBe("aborted")
    }),
  )

  it.live("closes the connection of a call that is not streamed", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider()
      yield* provider.script(answer(stall))
      const completion = yield* Effect.fork(complete)
      const received = yield* provider.received(0)
      yield* Fiber.interrupt(completion)
      expect(yield* received.outcome).toBe("aborted")
    }),
  )

  it.live("prevents the retry when it happens during the retry delay", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider({ LLM_RETRY_DELAY: "1 hours" })
      yield* provider.setResponder(() => status(500))
      const reading = yield* Effect.fork(Stream.runDrain(stream))
      yield* Effect.flatMap(provider.received(0), ({ outcome }) => outcome)
      yield* Fiber.interrupt(reading)
      expect(provider.requests.length).toBe(1)
    }),
  )

  it.live("closes the connection when the consumer takes only part of the stream", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("one", waitFor(new Latch())))
      expect(yield* Stream.runCount(Stream.take(stream, 1))).toBe(1)
      expect(yield* (yield* provider.received(0)).outcome).toBe("aborted")
    }),
  )
})

describe("Provider connections", () => {
  it.live("reuses connections after a complete answer", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      // The body ends shortly after its last event, as behind a proxy.
      yield* provider.setResponder(() => exactAnswer("x", finish("stop"), done, pause(20)))
      for (const index of [0, 1, 2]) {
        yield* readAll(stream)
        yield* Effect.flatMap(provider.received(index), ({ outcome }) => outcome)
        yield* Effect.sleep("20 millis")
      }
      expect(new Set(provider.requests.map(({ connection }) => connection)).size).toBe(1)
    }),
  )

  it.live("carries 200 concurrent answers without mixing them", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider()
      const latch = new Latch()
      yield* provider.setResponder((received) => answer(waitFor(latch), "for ", promptOf(received)))
      const names = Array.from({ length: 200 }, (_, index) => `number ${index}`)
      const completions = yield* Effect.fork(
        Effect.forEach(
          names,
          (content) => readAll(streamAnswer(model, { ...request, messages: [{ role: "user", content }] })),
          { concurrency: "unbounded" },
        ),
      )
      yield* provider.received(names.length - 1)
      expect(provider.openRequests()).toBe(names.length)
      latch.open()
      const answers = yield* Fiber.join(completions)
      expect(answers.map(({ text }) => text)).toEqual(names.map((name) => `for ${name}`))
      expect(provider.openRequests()).toBe(0)
    }),
  )
})
