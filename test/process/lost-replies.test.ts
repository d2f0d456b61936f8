import { expect } from "bun:test"
import { connect, createServer, type Socket } from "node:net"
import { Effect } from "effect"
import { Client } from "pg"
import { makeClient } from "../support/App"
import { postgresUnavailable } from "../support/Database"
import { it } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, Latch, waitFor } from "../support/Provider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"
import { readStream } from "../support/sseClient"

/** The way to a database server. A reply can be lost on it: what was asked for is done, and nobody hears. */
const wayTo = (to: URL) =>
  Effect.acquireRelease(
    Effect.async<{
      readonly port: number
      /** Loses the reply to the next statement in which this is, and the connection with it. */
      readonly loseReplyTo: (part: string) => Promise<void>
      readonly close: () => void
    }>((resume) => {
      const sockets = new Set<Socket>()
      let next = { part: "", lost: Promise.withResolvers<void>() }
      const server = createServer((client) => {
        const database = connect(Number(to.port), to.hostname)
        let loses = false
        for (const socket of [client, database]) sockets.add(socket.on("error", () => {}))
        client.on("close", () => database.destroy())
        database.on("close", () => client.destroy())
        client.on("data", (sent) => {
          if (next.part !== "" && sent.toString("latin1").includes(next.part)) {
            loses = true
            next.part = ""
          }
          database.write(sent)
        })
        database.on("data", (reply) => {
          if (!loses) return client.write(reply)
          client.destroy()
          return next.lost.resolve()
        })
      })
      const loseReplyTo = (part: string) => {
        next = { part, lost: Promise.withResolvers() }
        return next.lost.promise
      }
      const close = () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" ? (address?.port ?? 0) : 0
        resume(Effect.succeed({ port, loseReplyTo, close }))
      })
    }),
    ({ close }) => Effect.sync(close),
  )

/** Parley on a database to which the way is such a one, someone in a chat, and what is stored of it. */
const start = Effect.gen(function* () {
  const { DATABASE_URL: direct = "" } = yield* databaseEnv
  const url = new URL(direct)
  const way = yield* wayTo(new URL(direct))
  url.host = `127.0.0.1:${way.port}`
  const provider = yield* Provider.make
  const server = yield* startServer({
    DATABASE_URL: url.href,
    DATABASE_POOL_SIZE: "2",
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
  })
  const client = makeClient(server.url)
  const person = yield* client.newUser()
  const chat = yield* client.newChat(person)
  const say = Effect.map(
    client.requestStream("GET", client.streamPath(chat, "Hi"), { token: person.token }),
    readStream,
  )
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
      select g.state, m.content, a.tokens_reserved::int as held,
        (select json_agg(e ->> 'seq' order by (e ->> 'seq')::int)
          from generation_log l, json_array_elements(l.events) e where l.generation_id = g.id) as log
      from generations g join usage_accounts a on a.user_id = g.user_id
      left join messages m on m.id = g.answer_id`)
    return rows as ReadonlyArray<{
      readonly state: string
      readonly content: unknown
      readonly held: unknown
      readonly log: unknown
    }>
  })
  return { way, provider, say, stored }
})

/** What is stored, once the run is over. */
const over = <Row extends { readonly state: string }>(stored: Effect.Effect<ReadonlyArray<Row>>) =>
  stored.pipe(
    Effect.delay("100 millis"),
    Effect.repeat({ until: (rows) => rows.length > 0 && rows.every(({ state }) => state !== "running") }),
  )

const test = (name: string, body: Parameters<typeof it.live>[1]) =>
  it.live(name, body, { timeout: 60_000, skipReason: postgresUnavailable })

test("A run whose beginning was written but never confirmed is refused, and closed", () =>
  Effect.gen(function* () {
    const { way, provider, say, stored } = yield* start
    yield* provider.script(answer("One"))
    const lost = way.loseReplyTo("insert into generations")
    const stream = yield* say
    expect(stream.status).toBe(503)
    yield* Effect.promise(() => lost)
    expect(yield* over(stored)).toEqual([
      { state: "interrupted", content: null, held: 0, log: ["0", "1", "1000001"] },
    ])
  }))

test("A checkpoint that was written but never confirmed is neither lost nor doubled", () =>
  Effect.gen(function* () {
    const { way, provider, say, stored } = yield* start
    const [more, last] = [new Latch(), new Latch()]
    yield* provider.script(answer("One", waitFor(more), " two", waitFor(last), " three"))
    const stream = yield* say
    const lost = way.loseReplyTo("COMMIT")
    yield* stream.until("One")
    yield* Effect.promise(() => lost)
    more.open()
    yield* stream.until(" two")
    last.open()
    expect((yield* stream.end).whole).toBe(true)
    expect(yield* over(stored)).toEqual([
      { state: "completed", content: "One two three", held: 0, log: ["0", "1", "2", "3", "4", "5"] },
    ])
  }))

test("An ending that was written but never confirmed is told, and counted once", () =>
  Effect.gen(function* () {
    const { way, provider, say, stored } = yield* start
    const last = new Latch()
    yield* provider.script(answer("One", waitFor(last), " two"))
    const stream = yield* say
    yield* stream.until("One")
    const lost = way.loseReplyTo("update generations")
    last.open()
    yield* Effect.promise(() => lost)
    const { text, whole } = yield* stream.end
    expect([whole, text.includes("event: error")]).toEqual([true, false])
    expect(yield* over(stored)).toEqual([
      { state: "completed", content: "One two", held: 0, log: ["0", "1", "2", "3", "4"] },
    ])
  }))
