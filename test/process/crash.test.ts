import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { newProcessChat } from "../support/ProcessChat"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { startServer, startWithProvider } from "../support/ServerProcess"

it.live(
  "A killed server keeps everything acknowledged, and finalizes its generations after a restart",
  () =>
    Effect.gen(function* () {
      const { provider, env, server } = yield* startWithProvider()
      const chat = yield* newProcessChat(server.url)
      yield* provider.script(answer("Whole"), answer("Half an", waitFor(new Latch()), " answer"))
      yield* (yield* chat.send("one")).end
      const partial = yield* chat.send("two")
      yield* partial.until("Half an")
      yield* chat.awaitCheckpoint("Half an")
      server.kill("SIGKILL")
      yield* Effect.promise(() => server.exited)

      const restarted = chat.at((yield* startServer(env)).url)
      expect(yield* restarted.contents).toEqual(["one", "Whole", "two", "Half an"])
      expect(yield* restarted.eventNames(partial.generation)).toEqual([
        "prompt",
        "started",
        "delta",
        "interrupted",
      ])
      // For a client that had received more than was persisted.
      expect(yield* restarted.eventNames(partial.generation, 500)).toEqual(["interrupted"])
      yield* provider.script(answer("Goes on"))
      yield* (yield* restarted.send("three")).end
      expect((yield* restarted.contents).slice(4)).toEqual(["three", "Goes on"])
    }),
  { timeout: 60_000 },
)

it.live(
  "A server that shuts down finishes running generations, rejects new requests, and exits with 0",
  () =>
    Effect.gen(function* () {
      const { provider, env, server } = yield* startWithProvider()
      const chat = yield* newProcessChat(server.url)
      const latch = new Latch()
      yield* provider.script(answer("Hel", waitFor(latch), "lo"))
      const stream = yield* chat.send("hi")
      yield* stream.until("Hel")
      // Twice, as when a signal reaches the whole process group and is also forwarded within it.
      server.kill("SIGTERM")
      server.kill("SIGTERM")
      yield* stream.until("shutting down")
      const response = yield* Effect.either(Effect.tryPromise(() => fetch(`${server.url}/api/health`)))
      expect(response._tag === "Left" || response.right.status === 503).toBe(true)
      latch.open()
      expect((yield* stream.end).text).toContain('"content":"lo"')
      expect(yield* Effect.promise(() => server.exited)).toBe(0)
      expect(server.output().match(/"message":"shut[^"]*"/g)).toEqual([
        '"message":"shutting down: draining generations"',
        '"message":"shutdown complete"',
      ])
      expect(server.output()).toMatch(/"generations":1,"timeout":"10s"/)
      expect(yield* chat.at((yield* startServer(env)).url).contents).toEqual(["hi", "Hello"])
    }),
  { timeout: 60_000 },
)

it.live(
  "A generation that exceeds the drain timeout is interrupted, with its partial answer stored",
  () =>
    Effect.gen(function* () {
      const { provider, env, server } = yield* startWithProvider({ DRAIN_TIMEOUT: "500 millis" })
      const chat = yield* newProcessChat(server.url)
      yield* provider.script(answer("As far as it", waitFor(new Latch())))
      const stream = yield* chat.send("hi")
      yield* stream.until("As far")
      server.kill("SIGTERM")
      expect((yield* stream.end).text).toContain('"code":"INTERRUPTED"')
      expect(yield* Effect.promise(() => server.exited)).toBe(0)
      expect(yield* chat.at((yield* startServer(env)).url).contents).toEqual(["hi", "As far as it"])
    }),
  { timeout: 60_000 },
)
