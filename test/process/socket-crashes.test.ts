import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { databaseEnv } from "../support/ServerProcess"
import { killWhileSending } from "../support/socketCrashes"

it.live(
  "Sockets that resume get every acknowledged message once and in order, however often the server is killed",
  () =>
    Effect.gen(function* () {
      const { acknowledged, received } = yield* killWhileSending(yield* databaseEnv, 2)
      expect(acknowledged.length).toBeGreaterThanOrEqual(20)
      for (const frames of received) {
        const contents = frames.map(({ content }) => content)
        expect(acknowledged.filter((content) => !contents.includes(content))).toEqual([])
        expect(new Set(contents).size).toBe(contents.length)
        const numbers = frames.map(({ seq }) => seq)
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
      }
    }),
  { timeout: 120_000 },
)
