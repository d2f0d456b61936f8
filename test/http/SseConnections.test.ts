import { expect } from "bun:test"
import {
  Chunk,
  Deferred,
  Effect,
  Exit,
  FiberSet,
  Layer,
  Mailbox,
  Schedule,
  Scope,
  Stream,
  TestClock,
} from "effect"
import * as Sse from "../../src/http/Sse"
import { connectTcp } from "../infra/bun-http/RawClient"
import { serveApp } from "../infra/bun-http/testServer"
import { it } from "../support/it"
import { bodyOf, opening, plain, streaming } from "./sseFixtures"

it.live("interrupts a stream whose reader goes away, from an uninterruptible handler too", () =>
  Effect.gen(function* () {
    const gone = yield* Deferred.make<void>()
    const events = Stream.ensuring(Stream.never, Deferred.succeed(gone, undefined))
    const { port, readers } = yield* streaming(Effect.uninterruptible(Sse.streamResponse(events, plain)))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === opening)
    expect(readers.open.size).toBe(1)
    reader.disconnect()
    yield* Deferred.await(gone)
    yield* FiberSet.awaitEmpty(readers.writers)
    expect(readers.open.size).toBe(0)
  }),
)

it.live("breaks off, rather than ends, when the stream dies of a bug", () =>
  Effect.gen(function* () {
    const { port } = yield* streaming(
      Sse.streamResponse(Stream.concat(Stream.make("a"), Stream.dieMessage("bug")), plain),
    )
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.awaitClose
    expect(reader.text).not.toContain("\r\n0\r\n\r\n")
  }),
)

it.live("holds the stream back while its reader does not read, and loses nothing", () =>
  Effect.gen(function* () {
    const total = 800
    let offered = 0
    const padding = "x".repeat(65_000)
    const events = Stream.range(1, total).pipe(
      Stream.rechunk(1),
      Stream.map((id) => {
        offered = id
        return id
      }),
    )
    const { port } = yield* streaming(Sse.streamResponse(events, (id) => Sse.event({ id, data: padding })))
    let tail = ""
    const ids: Array<number> = []
    const reader = yield* connectTcp(port, (piece) => {
      tail += piece.toString("latin1")
      for (const [, id] of tail.matchAll(/id: (\d+)\ndata/g)) ids.push(Number(id))
      tail = tail.slice(-30).replace(/id: \d+\ndata/g, "")
    })
    reader.pauseReading()
    reader.get("/")
    let before = -1
    while (before !== offered || offered === 0) {
      before = offered
      yield* Effect.sleep("50 millis")
    }
    // What the kernel's own buffers hold is some megabytes of the 50.
    expect(offered).toBeLessThan(total / 4)
    reader.resumeReading()
    yield* reader.until(() => ids.length === total)
    expect(ids).toEqual(Array.from({ length: total }, (_, index) => index + 1))
  }),
)

it.effect("says something after 15 seconds of silence, to each of its readers", () =>
  Effect.gen(function* () {
    const words = yield* Mailbox.make<string>()
    const { port } = yield* streaming(Sse.streamResponse(Mailbox.toStream(words), plain))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === opening)
    yield* TestClock.adjust("9 seconds")
    yield* words.offer("word")
    yield* reader.until((client) => bodyOf(client).endsWith("data: word\n\n"))
    yield* TestClock.adjust("12 seconds")
    yield* words.offer("end")
    yield* reader.until((client) => bodyOf(client).endsWith("data: end\n\n"))
    expect(bodyOf(reader)).toBe(`${opening}data: word\n\ndata: end\n\n`)
    yield* TestClock.adjust("15 seconds")
    yield* reader.until((client) => bodyOf(client).endsWith("end\n\n: heartbeat\n\n"))
    yield* TestClock.adjust("15 seconds")
    yield* reader.until((client) => bodyOf(client).endsWith(": heartbeat\n\n: heartbeat\n\n"))
  }),
)

it.live("tells all readers, and goes on", () =>
  Effect.gen(function* () {
    const words = yield* Deferred.make<string>()
    const { port, context } = yield* streaming(Sse.streamResponse(Stream.fromEffect(Deferred.await(words)), plain))
    const readers = yield* Effect.all([connectTcp(port), connectTcp(port)])
    for (const reader of readers) {
      reader.get("/")
      yield* reader.until((client) => bodyOf(client) === opening)
    }
    yield* Effect.provide(Sse.broadcastComment("closing soon"), context)
    yield* Deferred.succeed(words, "last")
    for (const reader of readers) {
      yield* reader.until(({ text }) => text.endsWith("0\r\n\r\n"))
      expect(bodyOf(reader)).toMatch(/^: ok\n\nretry: [1-4]\d{3}\n: closing soon\n\ndata: last\n\n/)
    }
  }),
)

it.live("lets go of every reader when it is closed itself", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const ended = yield* Deferred.make<void>()
    const context = yield* Layer.buildWithScope(Sse.layer(), scope)
    const events = Stream.ensuring(Stream.never, Deferred.succeed(ended, undefined))
    const port = yield* serveApp(Effect.provide(Sse.streamResponse(events, plain), context))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === opening)
    yield* Scope.close(scope, Exit.void)
    yield* Deferred.await(ended)
    yield* reader.awaitClose
  }),
)

it.live("keeps nothing of many readers that go away in the middle", () =>
  Effect.gen(function* () {
    let running = 0
    const events = Stream.concat(
      Stream.fromChunk(Chunk.range(0, 9)),
      Stream.fromSchedule(Schedule.spaced("5 millis")),
    ).pipe(Stream.onStart(Effect.sync(() => running++)), Stream.ensuring(Effect.sync(() => running--)))
    const { port, readers } = yield* streaming(Sse.streamResponse(events, (id) => plain(String(id))))
    const visit = Effect.gen(function* () {
      const reader = yield* connectTcp(port)
      reader.get("/")
      yield* reader.until(({ text }) => text.includes("data: 9"))
    }).pipe(Effect.scoped)
    yield* Effect.replicateEffect(visit, 400, { concurrency: 40, discard: true })
    yield* FiberSet.awaitEmpty(readers.writers)
    expect([running, readers.open.size]).toEqual([0, 0])
  }),
)
