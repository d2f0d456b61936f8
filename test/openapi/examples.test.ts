import { expect } from "bun:test"
import { Effect } from "effect"
import { layer } from "../support/it"
import { contracts, eventsOf } from "./Recorder"
import { recordExamples, server } from "./recordExamples"

/** Responses that requests to a single healthy server cannot cause. */
const unreproducible = new Set([
  "health 503",
  "streamMessage 503",
  "sendMessage 503",
  "editMessage 503",
  "regenerateMessage 503",
])

layer(server)("Recorded examples", (it) => {
  it.live(
    "equal what the server responds now (`bun run examples` updates them)",
    () =>
      Effect.gen(function* () {
        const actual = yield* recordExamples
        const expected = (yield* contracts).map(({ name, examples, socket: events }) => ({
          contract: name,
          operations: examples,
          events: events?.examples,
        }))
        expect(actual).toEqual(expected)
      }),
    { timeout: 30_000 },
  )

  it.live("show a success and every declared error of every operation", () =>
    Effect.gen(function* () {
      for (const { operations, spec, examples } of yield* contracts) {
        for (const { name, method, path } of operations) {
          const item: unknown = spec.paths[path.replace(/:(\w+)/g, "{$1}") as `/${string}`]
          const declared = Object.keys(Object(Object(item)[method.toLowerCase()]).responses)
          const shown = (examples[name] ?? []).map(({ response }) => String(response.status))
          const missing = declared.filter(
            (status) => !shown.includes(status) && !unreproducible.has(`${name} ${status}`),
          )
          // HttpApi declares 400 for every operation, even without input.
          expect([name, missing.filter((status) => status !== "400")]).toEqual([name, []])
        }
      }
    }),
  )

  it.live("show every event, and a success and a failure of every client event", () =>
    Effect.gen(function* () {
      for (const { socket: events } of yield* contracts) {
        if (events === undefined) continue
        const shown = eventsOf(events).filter((event) => (events.examples[event] ?? []).length > 0)
        expect(shown).toEqual(eventsOf(events))
        for (const event of events.groups.flatMap(({ clientEvents }) => Object.keys(clientEvents))) {
          const outcomes = events.examples[event]?.map(({ reply }) => Object(reply).ok)
          expect([event, new Set(outcomes)]).toEqual([event, new Set([true, false])])
        }
      }
    }),
  )
})
