import { expect } from "bun:test"
import { Effect } from "effect"
import type { Examples } from "../../../src/wire/frame/Examples"
import { layer } from "../../support/it"
import { contracts } from "./Recorder"
import { server, tell } from "./Story"

/** What no run of one server brings about from outside. */
const unprovoked = new Set([
  "health 503",
  "streamMessage 503",
  "sendMessage 503",
  "editMessage 503",
  "regenerateMessage 503",
  "sendMessage 507",
  "generateImage 507",
])

layer(server)("The examples", (it) => {
  it.live(
    "are what the server really says today (`bun run examples` records them again)",
    () =>
      Effect.gen(function* () {
        const told = yield* tell
        const recorded = new Map<string, Examples>()
        for (const { name, examples } of yield* contracts) recorded.set(name, examples)
        expect(told).toEqual(Object.fromEntries(recorded))
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
})
