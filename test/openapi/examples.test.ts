import { expect } from "bun:test"
import { Effect } from "effect"
import { layer } from "../support/it"
import { contracts, eventsOf } from "./Recorder"
import { server, tell } from "./recordExamples"

/** What no run of one server brings about from outside. */
const unprovoked = new Set([
  "health 503",
  "streamMessage 503",
  "sendMessage 503",
  "editMessage 503",
  "regenerateMessage 503",
])

layer(server)("The examples", (it) => {
  it.live(
    "are what the server really says today (`bun run examples` records them again)",
    () =>
      Effect.gen(function* () {
        const told = yield* tell
        const recorded = (yield* contracts).map(({ name, examples, events }) => ({
          contract: name,
          operations: examples,
          events: events?.examples,
        }))
        expect(told).toEqual(recorded)
      }),
    { timeout: 30_000 },
  )

  it.live("show a success of every operation, and everything that its contract says can go wrong", () =>
    Effect.gen(function* () {
      for (const { operations, spec, examples } of yield* contracts) {
        for (const { name, method, path } of operations) {
          const item: unknown = spec.paths[path.replace(/:(\w+)/g, "{$1}") as `/${string}`]
          const declared = Object.keys(Object(Object(item)[method.toLowerCase()]).responses)
          const shown = (examples[name] ?? []).map(({ response }) => String(response.status))
          const missing = declared.filter(
            (status) => !shown.includes(status) && !unprovoked.has(`${name} ${status}`),
          )
          // HttpApi says 400 of everything, even where nothing is sent that could be wrong.
          expect([name, missing.filter((status) => status !== "400")]).toEqual([name, []])
        }
      }
    }),
  )

  it.live("show every event, and what clients say both done and refused", () =>
    Effect.gen(function* () {
      for (const { events } of yield* contracts) {
        if (events === undefined) continue
        const shown = eventsOf(events).filter((event) => (events.examples[event] ?? []).length > 0)
        expect(shown).toEqual(eventsOf(events))
        for (const event of events.groups.flatMap(({ clientEvents: heard }) => Object.keys(heard))) {
          const outcomes = events.examples[event]?.map(({ reply }) => Object(reply).ok)
          expect([event, new Set(outcomes)]).toEqual([event, new Set([true, false])])
        }
      }
    }),
  )
})
