import { expect } from "bun:test"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, Latch, waitFor } from "../support/Provider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { readStream } from "../support/sseClient"

/** Two servers on one database, and a run that has begun on the first. */
const start = Effect.gen(function* () {
  const provider = yield* Provider.make
  const env = {
    ...(yield* databaseEnv),
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
  }
  const [first, second] = yield* Effect.all([startServer(env), startServer(env)], { concurrency: 2 })
  const [here, there] = [makeClient(first.url), makeClient(second.url)]
  const person = yield* here.newUser()
  const { token } = person
  const chat = yield* here.newChat(person)
  const gate = new Latch()
  yield* provider.script(answer("Half", waitFor(gate), " and half"))
  const stream = readStream(yield* here.requestStream("GET", here.streamPath(chat, "hi"), { token }))
  yield* stream.until("Half")
  const run = `/api/generations/${stream.generation}`
  return { provider, first, here, there, token, chat, gate, stream, run }
})

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

const eventsOf = (text: string) => text.match(/^event: .*$/gm)

test("A run that began on one server is followed through another, and resumed there", () =>
  Effect.gen(function* () {
    const { there, token, chat, gate, stream, run } = yield* start
    const follower = readStream(yield* there.requestStream("GET", `${run}/events`, { token }))
    yield* follower.until("Half")
    const resumed = readStream(
      yield* there.requestStream("GET", there.streamPath(chat, "hi"), {
        token,
        headers: { "last-event-id": "0" },
      }),
    )
    expect(resumed.generation).toBe(stream.generation)
    yield* resumed.until("Half")
    gate.open()
    const { text, whole } = yield* follower.end
    expect(whole).toBe(true)
    expect(eventsOf(text)).toEqual([
      "event: prompt",
      "event: started",
      "event: delta",
      "event: delta",
      "event: completed",
    ])
    expect((yield* resumed.end).text).toContain('"content":" and half"')
    expect((yield* stream.end).text).toContain('"content":" and half"')
    const page = yield* there.request("GET", `/api/chats/${chat}/messages`, { token })
    expect(page.at("data.items.1.content")).toBe("Half and half")
  }))

test("A run that began on one server is stopped through another, and the provider told", () =>
  Effect.gen(function* () {
    const { provider, here, there, token, chat, stream, run } = yield* start
    const stopped = yield* there.request("POST", `${run}/stop`, { token })
    expect([stopped.status, stopped.at("state")]).toEqual([200, "stopped"])
    expect(yield* (yield* provider.received(0)).ended).toBe("aborted")
    expect((yield* stream.end).whole).toBe(true)
    for (const client of [here, there]) {
      const log = yield* client.request("GET", `${run}/events`, { token })
      expect(log.events.at(-1)?.event).toBe("stopped")
      const page = yield* client.request("GET", `/api/chats/${chat}/messages`, { token })
      expect(page.at("data.items.1.content")).toBe("Half")
    }
  }))

test("A run whose server is killed is closed by the one that is left, when it is asked to stop it", () =>
  Effect.gen(function* () {
    const { first, there, token, chat, run } = yield* start
    // What the list has is written down.
    yield* there
      .request("GET", `/api/chats/${chat}/messages`, { token })
      .pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: (page) => page.at("data.items.1.content") === "Half" }),
      )
    first.kill("SIGKILL")
    yield* Effect.promise(() => first.exited)
    const stopped = yield* there.request("POST", `${run}/stop`, { token })
    expect(stopped.at("state")).toBe("stopped")
    const page = yield* there.request("GET", `/api/chats/${chat}/messages`, { token })
    expect(page.at("data.items.1.content")).toBe("Half")
  }))

test("Someone who signs out of one server is signed out of the other", () =>
  Effect.gen(function* () {
    const { here, there, token } = yield* start
    expect((yield* there.request("GET", "/api/auth/me", { token })).status).toBe(200)
    expect((yield* here.request("POST", "/api/auth/logout", { token })).status).toBe(200)
    const later = yield* there
      .request("GET", "/api/auth/me", { token })
      .pipe(Effect.delay("20 millis"), Effect.repeat({ until: ({ status }) => status === 401 }))
    expect(later.status).toBe(401)
  }))
