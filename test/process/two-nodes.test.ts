import { expect } from "bun:test"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { newProcessChat } from "../support/ProcessChat"
import { readStream } from "../support/readStream"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer, startWithProvider } from "../support/ServerProcess"
import { connectSocket } from "../support/socketClient"

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

test("Messages through either node reach the sockets of both, once and in the same order", () =>
  Effect.gen(function* () {
    const env = yield* databaseEnv
    const [first, second] = yield* Effect.all([startServer(env), startServer(env)], { concurrency: 2 })
    const [onFirst, onSecond] = [makeClient(first.url), makeClient(second.url)]
    const [owner, member] = yield* Effect.all([onFirst.newUser(), onFirst.newUser()])
    const { token } = owner
    const channel = yield* onFirst.request("POST", "/v1/channels", { token, body: { name: "general" } })
    const id = channel.at("data.id")
    yield* onSecond.request("POST", `/v1/channels/${id}/members`, { token, body: { user_id: member.id } })
    const sockets = [
      yield* connectSocket(first.url, `/v1/ws/channels/${id}?token=${token}`),
      yield* connectSocket(second.url, `/v1/ws/channels/${id}?token=${member.token}`),
      yield* connectSocket(second.url, `/v1/ws/connect?token=${token}`),
    ]
    const numbers = Array.from({ length: 40 }, (_, index) => index)
    yield* Effect.forEach(
      numbers,
      (number) =>
        (number % 2 === 0 ? onFirst : onSecond).request("POST", `/v1/channels/${id}/messages`, {
          token: number % 3 === 0 ? token : member.token,
          body: { content: String(number) },
        }),
      { concurrency: 8 },
    )
    const received = yield* Effect.forEach(sockets, (socket) =>
      Effect.gen(function* () {
        const messages = () => socket.received.filter(({ type }) => type === "message.created")
        yield* socket.until(() => messages().length >= numbers.length)
        return messages().map(({ seq, data }) => `${seq} ${String(data["content"])}`)
      }),
    )
    expect(received[1]).toEqual(received[0] ?? [])
    expect(received[2]).toEqual(received[0] ?? [])
    const contents = (received[0] ?? []).map((text) => Number(text.split(" ")[1]))
    expect(contents.toSorted((a, b) => a - b)).toEqual(numbers)
  }))
