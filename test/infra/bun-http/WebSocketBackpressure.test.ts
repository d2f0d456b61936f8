import { expect } from "bun:test"
import { Socket } from "@effect/platform"
import { Deferred, Effect } from "effect"
import { it } from "../../support/it"
import { connectTcp } from "./RawClient"
import { connectWebSocket, serveSocket } from "./socketClient"

/** Writes numbered messages of `size` bytes as fast as possible, then closes. */
const flood = (count: number, size: number, onWritten: (index: number) => void) => (socket: Socket.Socket) =>
  Effect.gen(function* () {
    const write = yield* socket.writer
    const writing = Effect.gen(function* () {
      for (let index = 0; index < count; index++) {
        yield* write(String(index).padStart(size, "."))
        onWritten(index)
      }
      yield* write(new Socket.CloseEvent(1000, "that was all"))
    })
    yield* Effect.raceFirst(
      socket.runRaw(() => {}, { onOpen: Effect.void }),
      Effect.zipRight(writing, Effect.never),
    )
  }).pipe(Effect.scoped)

const handshake =
  "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

it.live("delivers 200 large messages to a client that pauses reading, without buffering them in memory", () =>
  Effect.gen(function* () {
    let lastWritten = -1
    const size = 250_000
    const { port } = yield* serveSocket(flood(200, size, (index) => (lastWritten = index)))
    const chunks: Array<Buffer> = []
    const reader = yield* connectTcp(port, (chunk) => chunks.push(chunk))
    reader.pauseReading()
    reader.send(handshake)
    let previous = -2
    while (previous !== lastWritten || lastWritten === -1) {
      previous = lastWritten
      yield* Effect.sleep("50 millis")
    }
    expect(lastWritten).toBeLessThan(40)
    reader.resumeReading()
    yield* reader.awaitClose
    const all = Buffer.concat(chunks)
    const start = all.indexOf("\r\n\r\n") + 4
    const frame = 10 + size
    const numbers = Array.from({ length: 200 }, (_, index) =>
      Number(
        all
          .toString("latin1", start + (index + 1) * frame - 4, start + (index + 1) * frame)
          .replaceAll(".", ""),
      ),
    )
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => index))
    expect(all.toString("latin1", start + 200 * frame + 4)).toBe("that was all")
  }),
)

it.live("stops reading from a client while too many of its messages are being handled", () =>
  Effect.gen(function* () {
    const release = yield* Deferred.make<void>()
    let handledCount = 0
    const { port, ended } = yield* serveSocket((socket) =>
      socket.runRaw(() => {
        handledCount++
        return Deferred.await(release)
      }),
    )
    const { ws } = yield* connectWebSocket(port)
    const message = "x".repeat(500_000)
    for (let index = 0; index < 200; index++) ws.send(message)
    let previous = -1
    while (previous !== handledCount || handledCount === 0) {
      previous = handledCount
      yield* Effect.sleep("50 millis")
    }
    expect(handledCount).toBeLessThan(100)
    yield* Deferred.succeed(release, undefined)
    ws.close(1000)
    yield* ended
    expect(handledCount).toBe(200)
  }),
)

it.live("ends the handler of a disconnected client, even while it waits to write", () =>
  Effect.gen(function* () {
    const { port, ended } = yield* serveSocket(flood(200, 500_000, () => {}))
    const reader = yield* connectTcp(port, () => {})
    reader.pauseReading()
    reader.send(handshake)
    yield* Effect.sleep("50 millis")
    reader.disconnect()
    yield* ended
  }),
)
