import { expect } from "bun:test"
import { Effect } from "effect"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { newProcessChat } from "../support/ProcessChat"
import { readStream } from "../support/readStream"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { startServer, startWithProvider } from "../support/ServerProcess"

/** Starts two nodes on one database, and a generation on the first. */
const start = Effect.gen(function* () {
  const { provider, env, server: first } = yield* startWithProvider()
  const onFirst = yield* newProcessChat(first.url)
  const onSecond = onFirst.at((yield* startServer(env)).url)
  const latch = new Latch()
  yield* provider.script(answer("Half", waitFor(latch), " and half"))
  const stream = yield* onFirst.send("hi")
  yield* stream.until("Half")
  const { token } = onFirst
  return { provider, first, onFirst, onSecond, token, latch, stream }
})

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

test("A generation that runs on one node can be followed and resumed through another", () =>
  Effect.gen(function* () {
    const { onSecond, token, latch, stream } = yield* start
    const path = `/api/generations/${stream.generation}/events`
    const follower = readStream(yield* onSecond.client.requestStream("GET", path, { token }))
    yield* follower.until("Half")
    const resumed = yield* onSecond.send("hi", 0)
    expect(resumed.generation).toBe(stream.generation)
    yield* resumed.until("Half")
    latch.open()
    const { text, complete } = yield* follower.end
    expect(complete).toBe(true)
    expect(text.match(/^event: .*$/gm)).toEqual([
      "event: prompt",
      "event: started",
      "event: delta",
      "event: delta",
      "event: completed",
    ])
    expect((yield* resumed.end).text).toContain('"content":" and half"')
    expect((yield* stream.end).text).toContain('"content":" and half"')
    expect(yield* onSecond.contents).toEqual(["hi", "Half and half"])
  }))

test("Stopping a generation through another node cancels the provider call", () =>
  Effect.gen(function* () {
    const { provider, onFirst, onSecond, token, stream } = yield* start
    const path = `/api/generations/${stream.generation}/stop`
    const stopped = yield* onSecond.client.request("POST", path, { token })
    expect([stopped.status, stopped.at("state")]).toEqual([200, "stopped"])
    expect(yield* (yield* provider.received(0)).outcome).toBe("aborted")
    expect((yield* stream.end).complete).toBe(true)
    for (const node of [onFirst, onSecond]) {
      expect((yield* node.eventNames(stream.generation)).at(-1)).toBe("stopped")
      expect(yield* node.contents).toEqual(["hi", "Half"])
    }
  }))

test("Stopping a generation whose node was killed finalizes it on the remaining node", () =>
  Effect.gen(function* () {
    const { first, onSecond, token, stream } = yield* start
    yield* onSecond.awaitCheckpoint("Half")
    first.kill("SIGKILL")
    yield* Effect.promise(() => first.exited)
    const path = `/api/generations/${stream.generation}/stop`
    const stopped = yield* onSecond.client.request("POST", path, { token })
    expect(stopped.at("state")).toBe("stopped")
    expect(yield* onSecond.contents).toEqual(["hi", "Half"])
  }))

test("Signing out on one node revokes the session on the other", () =>
  Effect.gen(function* () {
    const { onFirst, onSecond, token } = yield* start
    expect((yield* onSecond.client.request("GET", "/api/auth/me", { token })).status).toBe(200)
    expect((yield* onFirst.client.request("POST", "/api/auth/logout", { token })).status).toBe(200)
    const later = yield* onSecond.client
      .request("GET", "/api/auth/me", { token })
      .pipe(Effect.delay("20 millis"), Effect.repeat({ until: ({ status }) => status === 401 }))
    expect(later.status).toBe(401)
  }))
