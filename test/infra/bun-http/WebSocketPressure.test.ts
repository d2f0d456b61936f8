import { expect } from "bun:test"
import { Socket } from "@effect/platform"
import { Deferred, Effect } from "effect"
import { it } from "../../support/it"
import { rawClient } from "./RawClient"
import { client, servingSocket } from "./socketClient"

/** Writes numbered messages of `size` bytes as fast as it may, then closes. */
const flood = (count: number, size: number, written: (index: number) => void) => (socket: Socket.Socket) =>
  Effect.gen(function* () {
    const write = yield* socket.writer
    const writing = Effect.gen(function* () {
      for (let index = 0; index < count; index++) {
        yield* write(String(index).padStart(size, "."))
        written(index)
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

it.live(
  "loses nothing of 200 large messages to a reader that stops for a while, and keeps them out of memory",
  () =>
    Effect.gen(function* () {
      let last = -1
      const size = 250_000
      const { port } = yield* servingSocket(flood(200, size, (index) => (last = index)))
      const pieces: Array<Buffer> = []
      const reader = yield* rawClient(port, (piece) => pieces.push(piece))
      reader.stopReading()
      reader.send(handshake)
      let before = -2
      while (before !== last || last === -1) {
        before = last
        yield* Effect.sleep("50 millis")
      }
      expect(last).toBeLessThan(40)
      reader.readOn()
      yield* reader.end
      const all = Buffer.concat(pieces)
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

it.live("does not read on from a peer whose messages wait to be handled", () =>
  Effect.gen(function* () {
    const go = yield* Deferred.make<void>()
    let taken = 0
    const { port, ended } = yield* servingSocket((socket) =>
      socket.runRaw(() => {
        taken++
        return Deferred.await(go)
      }),
    )
    const { ws } = yield* client(port)
    const message = "x".repeat(500_000)
    for (let index = 0; index < 200; index++) ws.send(message)
    let before = -1
    while (before !== taken || taken === 0) {
      before = taken
      yield* Effect.sleep("50 millis")
    }
    expect(taken).toBeLessThan(100)
    yield* Deferred.succeed(go, undefined)
    ws.close(1000)
    yield* ended
    expect(taken).toBe(200)
  }),
)

it.live("ends the handler of a peer whose connection breaks off, a waiting writer's too", () =>
  Effect.gen(function* () {
    const { port, ended } = yield* servingSocket(flood(200, 500_000, () => {}))
    const reader = yield* rawClient(port, () => {})
    reader.stopReading()
    reader.send(handshake)
    yield* Effect.sleep("50 millis")
    reader.breakOff()
    yield* ended
  }),
)
