import { describe, expect } from "bun:test"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { it } from "../../support/it"
import {
  answer,
  done,
  exactly,
  finish,
  Latch,
  pause,
  stall,
  status,
  waitFor,
} from "../../support/Provider/Script"
import { promptOf } from "../../support/Provider/Wire"
import { readAll, request, spoken, withProvider } from "./providerFixtures"

describe("interrupting", () => {
  it.live("a stream in the middle closes the provider's connection", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("one", waitFor(new Latch())))
      const began = yield* Deferred.make<void>()
      const reading = yield* Effect.fork(Stream.runForEach(stream, () => Deferred.succeed(began, undefined)))
      yield* Deferred.await(began)
      const received = yield* provider.received(0)
      expect(provider.open()).toBe(1)
      yield* Fiber.interrupt(reading)
      expect(yield* received.ended).toBe("aborted")
      expect(provider.open()).toBe(0)
    }),
  )

  it.live("a stream before its first token closes the connection", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer(stall))
      const reading = yield* Effect.fork(Stream.runDrain(stream))
      const received = yield* provider.received(0)
      yield* Fiber.interrupt(reading)
      expect(yield* received.ended).toBe("aborted")
    }),
  )

  it.live("a whole answer closes the connection", () =>
    Effect.gen(function* () {
      const { provider, complete } = yield* withProvider()
      yield* provider.script(answer(stall))
      const asking = yield* Effect.fork(complete)
      const received = yield* provider.received(0)
      yield* Fiber.interrupt(asking)
      expect(yield* received.ended).toBe("aborted")
    }),
  )

  it.live("the wait before a further attempt means that there is none", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider({ LLM_RETRY_DELAY: "1 hours" })
      yield* provider.answering(() => status(500))
      const reading = yield* Effect.fork(Stream.runDrain(stream))
      yield* Effect.flatMap(provider.received(0), ({ ended }) => ended)
      yield* Fiber.interrupt(reading)
      expect(provider.requests.length).toBe(1)
    }),
  )

  it.live("a reader that has enough closes the connection", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      yield* provider.script(answer("one", waitFor(new Latch())))
      expect(yield* Stream.runCount(Stream.take(stream, 1))).toBe(1)
      expect(yield* (yield* provider.received(0)).ended).toBe("aborted")
    }),
  )
})

describe("connections", () => {
  it.live("are used again after an answer in full", () =>
    Effect.gen(function* () {
      const { provider, stream } = yield* withProvider()
      // The body ends a little after its last word, as it does behind a proxy.
      yield* provider.answering(() => exactly("x", finish("stop"), done, pause(20)))
      for (const index of [0, 1, 2]) {
        yield* readAll(stream)
        yield* Effect.flatMap(provider.received(index), ({ ended }) => ended)
        yield* Effect.sleep("20 millis")
      }
      expect(new Set(provider.requests.map(({ connection }) => connection)).size).toBe(1)
    }),
  )

  it.live("carry many answers at once, each its own", () =>
    Effect.gen(function* () {
      const { provider, model } = yield* withProvider()
      const gate = new Latch()
      yield* provider.answering((asked) => answer(waitFor(gate), "for ", promptOf(asked)))
      const names = Array.from({ length: 200 }, (_, index) => `number ${index}`)
      const asking = yield* Effect.fork(
        Effect.forEach(
          names,
          (content) => readAll(spoken(model, { ...request, turns: [{ role: "user", content }] })),
          { concurrency: "unbounded" },
        ),
      )
      yield* provider.received(names.length - 1)
      expect(provider.open()).toBe(names.length)
      gate.open()
      const answers = yield* Fiber.join(asking)
      expect(answers.map(({ text }) => text)).toEqual(names.map((name) => `for ${name}`))
      expect(provider.open()).toBe(0)
    }),
  )
})
