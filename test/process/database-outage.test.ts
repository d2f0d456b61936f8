import { expect } from "bun:test"
import { SQL } from "bun"
import { Effect, Fiber } from "effect"
import type { makeClient } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { startPostgres } from "../support/PostgresServer"
import { newProcessChat } from "../support/ProcessChat"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { startWithProvider } from "../support/ServerProcess"

type Client = ReturnType<typeof makeClient>

/** Starts a PostgreSQL server that can be stopped, a server on it, and a user in a chat. */
const start = Effect.gen(function* () {
  const postgres = yield* Effect.acquireRelease(
    Effect.promise(() => startPostgres({ durable: true })),
    ({ stop }) => Effect.promise(stop),
  )
  const { provider, server } = yield* startWithProvider({ DATABASE_URL: postgres.url })
  return { postgres, provider, ...(yield* newProcessChat(server.url)) }
})

/** Waits until the health check responds with this status. */
const healthOf = (client: Client, status: number) =>
  client
    .request("GET", "/api/health")
    .pipe(Effect.delay("50 millis"), Effect.repeat({ until: (answer) => answer.status === status }))

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

test("A generation survives a database outage without losing text", () =>
  Effect.gen(function* () {
    const { postgres, provider, client, token, send, contents, eventNames } = yield* start
    const [more, last] = [new Latch(), new Latch()]
    yield* provider.script(answer("Before,", waitFor(more), " without,", waitFor(last), " after"))
    const stream = yield* send("one")
    yield* stream.until("Before,")

    yield* Effect.promise(postgres.crash)
    more.open()
    yield* stream.until(" without,")
    expect((yield* healthOf(client, 503)).at("status")).toBe("unhealthy")
    const response = yield* client.request("POST", "/api/chats", { token, body: {} })
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"])
    expect(response.json).toMatchObject({
      statusCode: 503,
      code: "DATABASE_UNAVAILABLE",
      error: expect.any(String),
    })
    expect(response.text).not.toContain("ECONNREFUSED")

    yield* Effect.promise(postgres.restart)
    yield* healthOf(client, 200)
    last.open()
    const { text, complete } = yield* stream.end
    expect([complete, text.includes("event: error")]).toEqual([true, false])
    expect(yield* contents).toEqual(["one", "Before, without, after"])
    expect(yield* eventNames(stream.generation)).toEqual([
      "prompt",
      "started",
      "delta",
      "delta",
      "delta",
      "completed",
    ])
    yield* (yield* send("two")).end
    expect((yield* contents).slice(2)).toEqual(["two", "You said: two"])
  }))

test("A generation that completes during a database outage is finalized afterwards", () =>
  Effect.gen(function* () {
    const { postgres, provider, client, send, contents, eventNames } = yield* start
    const latch = new Latch()
    yield* provider.script(answer("All", waitFor(latch), " of it"))
    const stream = yield* send("one")
    yield* stream.until("All")
    yield* Effect.promise(postgres.crash)
    latch.open()
    yield* stream.until(" of it")
    yield* healthOf(client, 503)
    yield* Effect.promise(postgres.restart)
    expect((yield* stream.end).complete).toBe(true)
    yield* healthOf(client, 200)
    expect(yield* contents).toEqual(["one", "All of it"])
    expect((yield* eventNames(stream.generation)).at(-1)).toBe("completed")
  }))

test("A call without a conversation is answered during a database outage, and charged afterwards", () =>
  Effect.gen(function* () {
    const { postgres, provider, client, token } = yield* start
    const latch = new Latch()
    yield* provider.script(answer("All", waitFor(latch), " of it"))
    const messages = [{ role: "user", content: "Tell me everything" }]
    const body = { provider: "openai", model: "scripted", messages }
    const call = yield* Effect.fork(client.request("POST", "/api/llm/chat", { token, body }))
    yield* Effect.delay(Effect.void, "10 millis").pipe(
      Effect.repeat({ until: () => provider.requests.length > 0 }),
    )
    yield* Effect.promise(postgres.crash)
    yield* healthOf(client, 503)
    latch.open()
    const answered = yield* Fiber.join(call)
    expect([answered.status, answered.text]).toEqual([200, expect.stringContaining("All of it")])
    yield* Effect.promise(postgres.restart)
    yield* healthOf(client, 200)
    const database = yield* Effect.acquireRelease(
      Effect.sync(() => new SQL(postgres.url)),
      (sql) => Effect.promise(() => sql.close()),
    )
    const account = Effect.promise(
      () => database`select tokens_used::int as used, tokens_reserved::int as reserved from usage_accounts
        where tokens_used > 0`,
    )
    const [charged] = yield* account.pipe(
      Effect.delay("100 millis"),
      Effect.repeat({ until: (rows: ReadonlyArray<unknown>) => rows.length > 0 }),
    )
    expect(charged).toEqual({ used: expect.any(Number), reserved: 0 })
  }))
