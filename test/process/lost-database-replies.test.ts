import { expect } from "bun:test"
import { Effect } from "effect"
import { Client } from "pg"
import { postgresUnavailable } from "../support/Database"
import { startDatabaseProxy } from "../support/DatabaseProxy"
import { it } from "../support/it"
import { newProcessChat } from "../support/ProcessChat"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { databaseEnv, startWithProvider } from "../support/ServerProcess"

/** Starts a server whose database is behind the proxy, with a user in a chat; `stored` reads the database directly. */
const start = Effect.gen(function* () {
  const { DATABASE_URL: direct = "" } = yield* databaseEnv
  const proxy = yield* startDatabaseProxy(direct)
  const settings = { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: "2" }
  const { provider, server } = yield* startWithProvider(settings)
  const { send } = yield* newProcessChat(server.url)
  const database = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const connection = new Client(direct)
      await connection.connect()
      return connection
    }),
    (connection) => Effect.promise(() => connection.end()),
  )
  const stored = Effect.promise(async () => {
    const { rows } = await database.query(`
      select g.state, m.content, a.tokens_reserved::int as reserved,
        (select json_agg(e ->> 'seq' order by (e ->> 'seq')::int)
          from generation_log l, json_array_elements(l.events) e where l.generation_id = g.id) as log
      from generations g join usage_accounts a on a.user_id = g.user_id
      left join messages m on m.id = g.answer_id`)
    return rows as ReadonlyArray<{
      readonly state: string
      readonly content: unknown
      readonly reserved: unknown
      readonly log: unknown
    }>
  })
  return { proxy, provider, send: send("Hi"), stored }
})

/** Waits until no generation is running, and returns the stored rows. */
const awaitFinished = <Row extends { readonly state: string }>(stored: Effect.Effect<ReadonlyArray<Row>>) =>
  stored.pipe(
    Effect.delay("100 millis"),
    Effect.repeat({ until: (rows) => rows.length > 0 && rows.every(({ state }) => state !== "running") }),
  )

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

test("An unconfirmed start of a generation fails the request, and the generation is finalized", () =>
  Effect.gen(function* () {
    const { proxy, provider, send, stored } = yield* start
    yield* provider.script(answer("One"))
    const dropped = proxy.dropReplyTo("insert into generations")
    const stream = yield* send
    expect(stream.status).toBe(503)
    yield* Effect.promise(() => dropped)
    expect(yield* awaitFinished(stored)).toEqual([
      { state: "interrupted", content: null, reserved: 0, log: ["0", "1", "1000001"] },
    ])
  }))

test("An unconfirmed checkpoint is neither lost nor duplicated", () =>
  Effect.gen(function* () {
    const { proxy, provider, send, stored } = yield* start
    const [more, last] = [new Latch(), new Latch()]
    yield* provider.script(answer("One", waitFor(more), " two", waitFor(last), " three"))
    const dropped = proxy.dropReplyTo("insert into generation_log")
    const stream = yield* send
    yield* stream.until("One")
    yield* Effect.promise(() => dropped)
    more.open()
    yield* stream.until(" two")
    last.open()
    expect((yield* stream.end).complete).toBe(true)
    expect(yield* awaitFinished(stored)).toEqual([
      { state: "completed", content: "One two three", reserved: 0, log: ["0", "1", "2", "3", "4", "5"] },
    ])
  }))

test("An unconfirmed finalization is delivered to the client and charged once", () =>
  Effect.gen(function* () {
    const { proxy, provider, send, stored } = yield* start
    const last = new Latch()
    yield* provider.script(answer("One", waitFor(last), " two"))
    const stream = yield* send
    yield* stream.until("One")
    const dropped = proxy.dropReplyTo("update generations")
    last.open()
    yield* Effect.promise(() => dropped)
    const { text, complete } = yield* stream.end
    expect([complete, text.includes("event: error")]).toEqual([true, false])
    expect(yield* awaitFinished(stored)).toEqual([
      { state: "completed", content: "One two", reserved: 0, log: ["0", "1", "2", "3", "4"] },
    ])
  }))
