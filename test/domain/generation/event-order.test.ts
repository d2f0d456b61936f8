import { expect } from "bun:test"
import { Chunk, Effect, Fiber, FastCheck as fc, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { concatDeltas } from "../../../src/domain/generation/Generations/EventBuffer"
import {
  type GenerationEvent,
  type GenerationId,
  isTerminal,
} from "../../../src/domain/generation/Generations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, delta, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

/** A subscriber that joins after some deltas, and whose connections are lost after so many events each. */
interface Subscriber {
  readonly joinsAt: number
  readonly disconnects: ReadonlyArray<number>
}

/** Reads a log to its end, resuming after each disconnect from the last event received. */
const readResuming = Effect.fn(function* (actor: Actor, id: GenerationId, { disconnects }: Subscriber) {
  const generations = yield* Generations
  const received: Array<GenerationEvent> = []
  for (let connection = 0; !received.some(isTerminal); connection++) {
    const { events } = yield* generations.events(actor, id, received.at(-1)?.seq ?? -1)
    const limit = disconnects[connection]
    const connected = limit === undefined ? events : Stream.take(events, limit)
    received.push(...Chunk.toReadonlyArray(yield* Stream.runCollect(connected)))
  }
  return received
})

const deltas = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { maxLength: 8 })

const subscriber = fc.record({
  joinsAt: fc.nat(8),
  disconnects: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
})

layer(TestLayer.layer())("Generations", (it) => {
  it.prop(
    "sends every subscriber the same gapless log, whenever it joins and however often it reconnects",
    [deltas, fc.array(subscriber, { minLength: 1, maxLength: 4 })],
    (texts, subscribers) =>
      Effect.gen(function* () {
        const actor = yield* TestLayer.newActor()
        const gates = texts.map(() => new Latch())
        const steps = texts.flatMap((text, index) => [waitFor(gates[index] ?? new Latch()), delta(text)])
        yield* (yield* Provider).script(answer("First: ", ...steps))
        const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
        const { generation } = yield* (yield* Generations).start(actor, {
          conversationId: conversation.id,
          content: "Speak",
        })
        const joinAt = (index: number) =>
          Effect.forEach(
            subscribers.filter(({ joinsAt }) => Math.min(joinsAt, texts.length) === index),
            (each) => Effect.fork(readResuming(actor, generation.id, each)),
          )
        const fibers: Array<Fiber.Fiber<ReadonlyArray<GenerationEvent>, unknown>> = []
        for (const [index, gate] of gates.entries()) {
          fibers.push(...(yield* joinAt(index)))
          gate.open()
        }
        fibers.push(...(yield* joinAt(texts.length)))

        const log = yield* readResuming(actor, generation.id, { joinsAt: 0, disconnects: [] })
        expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index))
        const [prompt, started, ...rest] = log.map(({ type }) => type)
        expect([prompt, started, rest.pop()]).toEqual(["prompt", "started", "completed"])
        expect(new Set(rest)).toEqual(new Set(["delta"]))
        for (const fiber of fibers) expect(yield* Fiber.join(fiber)).toEqual(log)

        expect(concatDeltas(log)).toBe(["First: ", ...texts].join("").replaceAll("\u0000", ""))
        const { items } = yield* (yield* Conversations).messages(actor, conversation.id, {
          page: 1,
          limit: 10,
        })
        const last = items.at(-1)
        expect([last?.id ?? null, last?.content]).toEqual([generation.answerId, concatDeltas(log)])
      }),
    { numRuns: 25, timeout: 60_000 },
  )
})
