import { expect } from "bun:test"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { readStream } from "../support/readStream"
import { Provider } from "../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"

/** Starts two nodes on one database, and a generation on the first. */
const start = Effect.gen(function* () {
  const provider = yield* Provider.make
  const env = {
    ...(yield* databaseEnv),
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
  }
  const [first, second] = yield* Effect.all([startServer(env), startServer(env)], { concurrency: 2 })
  const [firstClient, secondClient] = [makeClient(first.url), makeClient(second.url)]
  const person = yield* firstClient.newUser()
  const { token } = person
  const chat = yield* firstClient.newChat(person)
  const latch = new Latch()
  yield* provider.script(answer("Half", waitFor(latch), " and half"))
  const stream = readStream(
    yield* firstClient.requestStream("GET", firstClient.streamPath(chat, "hi"), { token }),
  )
  yield* stream.until("Half")
  const generationPath = `/api/generations/${stream.generation}`
  return { provider, first, firstClient, secondClient, token, chat, latch, stream, generationPath }
})

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

const eventsOf = (text: string) => text.match(/^event: .*$/gm)

test("A generation that runs on one node can be followed and resumed through another", () =>
  Effect.gen(function* () {
    const { secondClient, token, chat, latch, stream, generationPath } = yield* start
    const follower = readStream(
      yield* secondClient.requestStream("GET", `${generationPath}/events`, { token }),
    )
    yield* follower.until("Half")
    const resumed = readStream(
      yield* secondClient.requestStream("GET", secondClient.streamPath(chat, "hi"), {
        token,
        headers: { "last-event-id": "0" },
      }),
    )
    expect(resumed.generation).toBe(stream.generation)
    yield* resumed.until("Half")
    latch.open()
    const { text, complete } = yield* follower.end
    expect(complete).toBe(true)
    expect(eventsOf(text)).toEqual([
      "event: prompt",
      "event: started",
      "event: delta",
      "event: delta",
      "event: completed",
    ])
    expect((yield* resumed.end).text).toContain('"content":" and half"')
    expect((yield* stream.end).text).toContain('"content":" and half"')
    const page = yield* secondClient.request("GET", `/api/chats/${chat}/messages`, { token })
    expect(page.at("data.items.1.content")).toBe("Half and half")
  }))

test("Stopping a generation through another node cancels the provider call", () =>
  Effect.gen(function* () {
    const { provider, firstClient, secondClient, token, chat, stream, generationPath } = yield* start
    const stopped = yield* secondClient.request("POST", `${generationPath}/stop`, { token })
    expect([stopped.status, stopped.at("state")]).toEqual([200, "stopped"])
    expect(yield* (yield* provider.received(0)).outcome).toBe("aborted")
    expect((yield* stream.end).complete).toBe(true)
    for (const client of [firstClient, secondClient]) {
      const log = yield* client.request("GET", `${generationPath}/events`, { token })
      expect(log.events.at(-1)?.event).toBe("stopped")
      const page = yield* client.request("GET", `/api/chats/${chat}/messages`, { token })
      expect(page.at("data.items.1.content")).toBe("Half")
    }
  }))

test("Stopping a generation whose node was killed finalizes it on the remaining node", () =>
  Effect.gen(function* () {
    const { first, secondClient, token, chat, generationPath } = yield* start
    // Listed content has been checkpointed.
    yield* secondClient
      .request("GET", `/api/chats/${chat}/messages`, { token })
      .pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: (page) => page.at("data.items.1.content") === "Half" }),
      )
    first.kill("SIGKILL")
    yield* Effect.promise(() => first.exited)
    const stopped = yield* secondClient.request("POST", `${generationPath}/stop`, { token })
    expect(stopped.at("state")).toBe("stopped")
    const page = yield* secondClient.request("GET", `/api/chats/${chat}/messages`, { token })
    expect(page.at("data.items.1.content")).toBe("Half")
  }))

test("Signing out on one node revokes the session on the other", () =>
  Effect.gen(function* () {
    const { firstClient, secondClient, token } = yield* start
    expect((yield* secondClient.request("GET", "/api/auth/me", { token })).status).toBe(200)
    expect((yield* firstClient.request("POST", "/api/auth/logout", { token })).status).toBe(200)
    const later = yield* secondClient
      .request("GET", "/api/auth/me", { token })
      .pipe(Effect.delay("20 millis"), Effect.repeat({ until: ({ status }) => status === 401 }))
    expect(later.status).toBe(401)
  }))
