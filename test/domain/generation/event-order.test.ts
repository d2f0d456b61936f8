import { expect } from "bun:test"
import { Chunk, Effect, Fiber, FastCheck as fc, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generation } from "../../../src/domain/generation/Generations"
import {
  type GenerationEvent,
  type GenerationId,
  isEnding,
} from "../../../src/domain/generation/Generations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, delta, Latch, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

/** Someone who comes when so many pieces have been said, and whose line is lost after so many events, again and again. */
interface Reader {
  readonly comes: number
  readonly cuts: ReadonlyArray<number>
}

/** Reads a log to its end, resuming each time from the last event seen. */
const readInParts = Effect.fn(function* (actor: Actor, id: GenerationId, { cuts }: Reader) {
  const generation = yield* Generation
  const seen: Array<GenerationEvent> = []
  for (let turn = 0; !seen.some(isEnding); turn++) {
    const { events } = yield* generation.events(actor, id, seen.at(-1)?.seq ?? -1)
    const cut = cuts[turn]
    const line = cut === undefined ? events : Stream.take(events, cut)
    seen.push(...Chunk.toReadonlyArray(yield* Stream.runCollect(line)))
  }
  return seen
})

const textOf = (events: ReadonlyArray<GenerationEvent>) =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("")

const pieces = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { maxLength: 8 })

const reader = fc.record({
  comes: fc.nat(8),
  cuts: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
})

layer(Domains.layer())("A run's log", (it) => {
  it.prop(
    "is the same to all who read it: in order, without gaps, whenever they come and however often they are cut off",
    [pieces, fc.array(reader, { minLength: 1, maxLength: 4 })],
    (said, readers) =>
      Effect.gen(function* () {
        const actor = yield* Domains.newActor()
        const gates = said.map(() => new Latch())
        const steps = said.flatMap((text, index) => [waitFor(gates[index] ?? new Latch()), delta(text)])
        yield* (yield* Provider).script(answer("First: ", ...steps))
        const { conversation } = yield* (yield* Conversations).openEmpty(actor)
        const { run } = yield* (yield* Generation).start(actor, {
          conversationId: conversation.id,
          content: "Speak",
        })
        const comeAt = (time: number) =>
          Effect.forEach(
            readers.filter(({ comes }) => Math.min(comes, said.length) === time),
            (each) => Effect.fork(readInParts(actor, run.id, each)),
          )
        const reading: Array<Fiber.Fiber<ReadonlyArray<GenerationEvent>, unknown>> = []
        for (const [time, gate] of gates.entries()) {
          reading.push(...(yield* comeAt(time)))
          gate.open()
        }
        reading.push(...(yield* comeAt(said.length)))

        const whole = yield* readInParts(actor, run.id, { comes: 0, cuts: [] })
        expect(whole.map(({ seq }) => seq)).toEqual(whole.map((_, index) => index))
        const [prompt, started, ...rest] = whole.map(({ type }) => type)
        expect([prompt, started, rest.pop()]).toEqual(["prompt", "started", "completed"])
        expect(new Set(rest)).toEqual(new Set(["delta"]))
        for (const each of reading) expect(yield* Fiber.join(each)).toEqual(whole)

        expect(textOf(whole)).toBe(["First: ", ...said].join("").replaceAll("\u0000", ""))
        const { items } = yield* (yield* Conversations).messages(actor, conversation.id, {
          page: 1,
          limit: 10,
        })
        const last = items.at(-1)
        expect([last?.id ?? null, last?.content]).toEqual([run.answerId, textOf(whole)])
      }),
    { numRuns: 25, timeout: 60_000 },
  )
})
