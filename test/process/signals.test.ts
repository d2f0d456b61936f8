import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { newProcessChat } from "../support/ProcessChat"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { startServer, startWithProvider } from "../support/ServerProcess"

for (const [signal, next, code] of [
  ["SIGTERM", "SIGTERM", 143],
  ["SIGINT", "SIGTERM", 143],
  ["SIGINT", "SIGINT", 130],
] as const) {
  it.live(
    `A server draining after ${signal} exits at once on ${next}, and the next start finalizes its generations`,
    () =>
      Effect.gen(function* () {
        // Only the second signal can stop the server within the test's timeout.
        const { provider, env, server } = yield* startWithProvider({ DRAIN_TIMEOUT: "10 minutes" })
        const chat = yield* newProcessChat(server.url)
        yield* provider.script(answer("Half an", waitFor(new Latch()), " answer"))
        const stream = yield* chat.send("hi")
        yield* stream.until("Half an")
        yield* chat.awaitCheckpoint("Half an")
        server.kill(signal)
        yield* stream.until("shutting down")
        // Any earlier, the signal would count as a duplicate of the first.
        yield* Effect.sleep("1 second")
        server.kill(next)
        expect(yield* Effect.promise(() => server.exited)).toBe(code)
        expect((yield* stream.end).complete).toBe(false)

        const restarted = chat.at((yield* startServer(env)).url)
        expect(yield* restarted.contents).toEqual(["hi", "Half an"])
        expect((yield* restarted.eventNames(stream.generation)).at(-1)).toBe("interrupted")
      }),
    { timeout: 60_000 },
  )
}
