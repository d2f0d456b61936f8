import { expect } from "bun:test"
import { Effect } from "effect"
import { makeClient } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { startPostgres } from "../support/PostgresServer"
import { Provider } from "../support/Provider"
import { answer, Latch, waitFor } from "../support/Provider/Script"
import { startServer } from "../support/ServerProcess"
import { readStream } from "../support/sseClient"

type Client = ReturnType<typeof makeClient>

/** A PostgreSQL server that can be taken away, Parley on it, and someone in a chat. */
const start = Effect.gen(function* () {
  const postgres = yield* Effect.acquireRelease(
    Effect.promise(() => startPostgres({ durable: true })),
    ({ stop }) => Effect.promise(stop),
  )
  const provider = yield* Provider.make
  const server = yield* startServer({
    DATABASE_URL: postgres.url,
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
  })
  const client = makeClient(server.url)
  const person = yield* client.newUser()
  const chat = yield* client.newChat(person)
  const say = (content: string) =>
    Effect.map(
      client.requestStream("GET", client.streamPath(chat, content), { token: person.token }),
      readStream,
    )
  const contents = Effect.map(
    client.request("GET", `/api/chats/${chat}/messages`, { token: person.token }),
    ({ json }) => (json as { data: { items: Array<{ content: string }> } }).data.items.map((m) => m.content),
  )
  const log = (generation: string) =>
    Effect.map(
      client.request("GET", `/api/generations/${generation}/events`, { token: person.token }),
      ({ events }) => events.map(({ event }) => event),
    )
  return { postgres, provider, client, person, chat, say, contents, log }
})

/** Waits until the server says how it is. */
const healthOf = (client: Client, status: number) =>
  client
    .request("GET", "/api/health")
    .pipe(Effect.delay("50 millis"), Effect.repeat({ until: (answer) => answer.status === status }))

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

test("A database that goes away in mid-answer and comes back costs the answer nothing", () =>
  Effect.gen(function* () {
    const { postgres, provider, client, person, say, contents, log } = yield* start
    const [more, last] = [new Latch(), new Latch()]
    yield* provider.script(answer("Before,", waitFor(more), " without,", waitFor(last), " after"))
    const stream = yield* say("one")
    yield* stream.until("Before,")

    yield* Effect.promise(postgres.crash)
    more.open()
    yield* stream.until(" without,")
    expect((yield* healthOf(client, 503)).at("status")).toBe("unhealthy")
    const refused = yield* client.request("POST", "/api/chats", { token: person.token, body: {} })
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"])
    expect(refused.json).toMatchObject({
      statusCode: 503,
      code: "DATABASE_UNAVAILABLE",
      error: expect.any(String),
    })
    expect(refused.text).not.toContain("ECONNREFUSED")

    yield* Effect.promise(postgres.restart)
    yield* healthOf(client, 200)
    last.open()
    const { text, whole } = yield* stream.end
    expect([whole, text.includes("event: error")]).toEqual([true, false])
    expect(yield* contents).toEqual(["one", "Before, without, after"])
    expect(yield* log(stream.generation)).toEqual([
      "prompt",
      "started",
      "delta",
      "delta",
      "delta",
      "completed",
    ])
    yield* (yield* say("two")).end
    expect((yield* contents).slice(2)).toEqual(["two", "You said: two"])
  }))

test("An answer that is done while the database is away ends when it is back", () =>
  Effect.gen(function* () {
    const { postgres, provider, client, say, contents, log } = yield* start
    const gate = new Latch()
    yield* provider.script(answer("All", waitFor(gate), " of it"))
    const stream = yield* say("one")
    yield* stream.until("All")
    yield* Effect.promise(postgres.crash)
    gate.open()
    yield* stream.until(" of it")
    yield* healthOf(client, 503)
    yield* Effect.promise(postgres.restart)
    expect((yield* stream.end).whole).toBe(true)
    yield* healthOf(client, 200)
    expect(yield* contents).toEqual(["one", "All of it"])
    expect((yield* log(stream.generation)).at(-1)).toBe("completed")
  }))
