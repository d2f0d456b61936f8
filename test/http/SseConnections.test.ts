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
import * as StreamResponse from "../../src/http/StreamResponse"
import { connectTcp } from "../infra/bun-http/RawClient"
import { serveApp } from "../infra/bun-http/testServer"
import { it } from "../support/it"
import { bodyOf, dataFrame, initialComment, serveStream } from "./sseFixtures"

it.live("SSE interrupts the stream when its client disconnects, even from an uninterruptible handler", () =>
  Effect.gen(function* () {
    const interrupted = yield* Deferred.make<void>()
    const events = Stream.ensuring(Stream.never, Deferred.succeed(interrupted, undefined))
    const { port, connections } = yield* serveStream(
      Effect.uninterruptible(Sse.streamResponse(events, dataFrame)),
    )
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === initialComment)
    expect(connections.open.size).toBe(1)
    reader.disconnect()
    yield* Deferred.await(interrupted)
    yield* FiberSet.awaitEmpty(connections.writers)
    expect(connections.open.size).toBe(0)
  }),
)

it.live("SSE aborts the response, instead of completing it, when the stream dies", () =>
  Effect.gen(function* () {
    const { port } = yield* serveStream(
      Sse.streamResponse(Stream.concat(Stream.make("a"), Stream.dieMessage("bug")), dataFrame),
    )
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.awaitClose
    expect(reader.text).not.toContain("\r\n0\r\n\r\n")
  }),
)

it.live("SSE applies backpressure while the client does not read, and loses no events", () =>
  Effect.gen(function* () {
    const total = 800
    let pulled = 0
    const padding = "x".repeat(65_000)
    const events = Stream.range(1, total).pipe(
      Stream.rechunk(1),
      Stream.map((id) => {
        pulled = id
        return id
      }),
    )
    const { port } = yield* serveStream(Sse.streamResponse(events, (id) => Sse.event({ id, data: padding })))
    let tail = ""
    const ids: Array<number> = []
    const reader = yield* connectTcp(port, (piece) => {
      tail += piece.toString("latin1")
      for (const [, id] of tail.matchAll(/id: (\d+)\ndata/g)) ids.push(Number(id))
      tail = tail.slice(-30).replace(/id: \d+\ndata/g, "")
    })
    reader.pauseReading()
    reader.get("/")
    let previous = -1
    while (previous !== pulled || pulled === 0) {
      previous = pulled
      yield* Effect.sleep("50 millis")
    }
    // The kernel buffers a few of the 50 megabytes.
    expect(pulled).toBeLessThan(total / 4)
    reader.resumeReading()
    yield* reader.until(() => ids.length === total)
    expect(ids).toEqual(Array.from({ length: total }, (_, index) => index + 1))
  }),
)

it.effect("SSE sends a heartbeat comment after 15 seconds without an event", () =>
  Effect.gen(function* () {
    const messages = yield* Mailbox.make<string>()
    const { port } = yield* serveStream(Sse.streamResponse(Mailbox.toStream(messages), dataFrame))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === initialComment)
    yield* TestClock.adjust("9 seconds")
    yield* messages.offer("word")
    yield* reader.until((client) => bodyOf(client).endsWith("data: word\n\n"))
    yield* TestClock.adjust("12 seconds")
    yield* messages.offer("end")
    yield* reader.until((client) => bodyOf(client).endsWith("data: end\n\n"))
    expect(bodyOf(reader)).toBe(`${initialComment}data: word\n\ndata: end\n\n`)
    yield* TestClock.adjust("15 seconds")
    yield* reader.until((client) => bodyOf(client).endsWith("end\n\n: heartbeat\n\n"))
    yield* TestClock.adjust("15 seconds")
    yield* reader.until((client) => bodyOf(client).endsWith(": heartbeat\n\n: heartbeat\n\n"))
  }),
)

it.live("SSE broadcasts a comment to all clients and continues their streams", () =>
  Effect.gen(function* () {
    const words = yield* Deferred.make<string>()
    const { port, context } = yield* serveStream(
      Sse.streamResponse(Stream.fromEffect(Deferred.await(words)), dataFrame),
    )
    const clients = yield* Effect.all([connectTcp(port), connectTcp(port)])
    for (const client of clients) {
      client.get("/")
      yield* client.until((received) => bodyOf(received) === initialComment)
    }
    yield* Effect.provide(Sse.broadcastComment("closing soon"), context)
    yield* Deferred.succeed(words, "last")
    for (const reader of clients) {
      yield* reader.until(({ text }) => text.endsWith("0\r\n\r\n"))
      expect(bodyOf(reader)).toMatch(/^: ok\n\nretry: [1-4]\d{3}\n: closing soon\n\ndata: last\n\n/)
    }
  }),
)

it.live("SSE closes every connection when its scope closes", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const interrupted = yield* Deferred.make<void>()
    const context = yield* Layer.buildWithScope(StreamResponse.layer(), scope)
    const events = Stream.ensuring(Stream.never, Deferred.succeed(interrupted, undefined))
    const port = yield* serveApp(Effect.provide(Sse.streamResponse(events, dataFrame), context))
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until((client) => bodyOf(client) === initialComment)
    yield* Scope.close(scope, Exit.void)
    yield* Deferred.await(interrupted)
    yield* reader.awaitClose
  }),
)

it.live("SSE releases all resources of many clients that disconnect mid-stream", () =>
  Effect.gen(function* () {
    let running = 0
    const events = Stream.concat(
      Stream.fromChunk(Chunk.range(0, 9)),
      Stream.fromSchedule(Schedule.spaced("5 millis")),
    ).pipe(Stream.onStart(Effect.sync(() => running++)), Stream.ensuring(Effect.sync(() => running--)))
    const { port, connections } = yield* serveStream(
      Sse.streamResponse(events, (id) => dataFrame(String(id))),
    )
    const visit = Effect.gen(function* () {
      const reader = yield* connectTcp(port)
      reader.get("/")
      yield* reader.until(({ text }) => text.includes("data: 9"))
    }).pipe(Effect.scoped)
    yield* Effect.replicateEffect(visit, 400, { concurrency: 40, discard: true })
    yield* FiberSet.awaitEmpty(connections.writers)
    expect([running, connections.open.size]).toEqual([0, 0])
  }),
)
