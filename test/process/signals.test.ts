import { expect } from "bun:test"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { it } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, Latch, waitFor } from "../support/Provider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { readStream } from "../support/sseClient"

for (const [signal, next, code] of [
  ["SIGTERM", "SIGTERM", 143],
  ["SIGINT", "SIGTERM", 143],
  ["SIGINT", "SIGINT", 130],
] as const) {
  it.live(
    `A server that is draining since ${signal} ends at once on ${next}, and the next start closes its runs`,
    () =>
      Effect.gen(function* () {
        const provider = yield* Provider.make
        const env = {
          ...(yield* databaseEnv),
          OPENAI_BASE_URL: provider.url,
          DEFAULT_MODEL: "openai/scripted",
          // Only the second signal can end it while this test lives.
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
        // What the list has is written down.
        yield* client
          .request("GET", `/api/chats/${chat}/messages`, { token: person.token })
          .pipe(
            Effect.delay("50 millis"),
            Effect.repeat({ until: (page) => page.at("data.items.1.content") === "Half an" }),
          )
        server.kill(signal)
        yield* stream.until("shutting down")
        // Any sooner and it would be taken for the first one, heard twice.
        yield* Effect.sleep("1 second")
        server.kill(next)
        expect(yield* Effect.promise(() => server.exited)).toBe(code)
        expect((yield* stream.end).whole).toBe(false)

        const again = makeClient((yield* startServer(env)).url)
        const page = yield* again.request("GET", `/api/chats/${chat}/messages`, { token: person.token })
        expect([page.at("data.items.0.content"), page.at("data.items.1.content")]).toEqual(["hi", "Half an"])
        const log = yield* again.request("GET", `/api/generations/${stream.generation}/events`, {
          token: person.token,
        })
        expect(log.events.at(-1)?.event).toBe("interrupted")
      }),
    { timeout: 60_000 },
  )
}
