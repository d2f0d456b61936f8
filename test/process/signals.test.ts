import { expect } from "bun:test"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { it } from "../support/it"
import { readStream } from "../support/readStream"
import { Provider } from "../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"

for (const [signal, next, code] of [
  ["SIGTERM", "SIGTERM", 143],
  ["SIGINT", "SIGTERM", 143],
  ["SIGINT", "SIGINT", 130],
] as const) {
  it.live(
    `A server draining after ${signal} exits at once on ${next}, and the next start finalizes its generations`,
    () =>
      Effect.gen(function* () {
        const provider = yield* Provider.make
        const env = {
          ...(yield* databaseEnv),
          OPENAI_BASE_URL: provider.url,
          DEFAULT_MODEL: "openai/scripted",
          // Only the second signal can stop the server within the test's timeout.
          DRAIN_TIMEOUT: "10 minutes",
        }
        const server = yield* startServer(env)
        const client = makeClient(server.url)
        const person = yield* client.newUser()
        const chat = yield* client.newChat(person)
        yield* provider.script(answer("Half an", waitFor(new Latch()), " answer"))
        const stream = readStream(
          yield* client.requestStream("GET", client.streamPath(chat, "hi"), { token: person.token }),
        )
        yield* stream.until("Half an")
        // Listed content has been checkpointed.
        yield* client
          .request("GET", `/api/chats/${chat}/messages`, { token: person.token })
          .pipe(
            Effect.delay("50 millis"),
            Effect.repeat({ until: (page) => page.at("data.items.1.content") === "Half an" }),
          )
        server.kill(signal)
        yield* stream.until("shutting down")
        // Any earlier, the signal would count as a duplicate of the first.
        yield* Effect.sleep("1 second")
        server.kill(next)
        expect(yield* Effect.promise(() => server.exited)).toBe(code)
        expect((yield* stream.end).complete).toBe(false)

        const restarted = makeClient((yield* startServer(env)).url)
        const page = yield* restarted.request("GET", `/api/chats/${chat}/messages`, { token: person.token })
        expect([page.at("data.items.0.content"), page.at("data.items.1.content")]).toEqual(["hi", "Half an"])
        const log = yield* restarted.request("GET", `/api/generations/${stream.generation}/events`, {
          token: person.token,
        })
        expect(log.events.at(-1)?.event).toBe("interrupted")
      }),
    { timeout: 60_000 },
  )
}
