import { expect } from "bun:test"
import { Effect } from "effect"
import type { Socket } from "socket.io"
import type { Session } from "../../../src/infra/socket-io/Session"
import { it } from "../../support/it"
import { connectTcp } from "../bun-http/RawClient"
import { joinNamespace } from "./rawClient"
import { openPolling, request, serveEngine, serveSocketIo } from "./testServer"

const handshake =
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

/** Encodes a short text as a client WebSocket frame, masked with zeros. */
const frame = (text: string) => Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0, ...Buffer.from(text)])

/** Connects a client that joins the main namespace and stops reading; also returns its server-side socket. */
const connectStalled = Effect.gen(function* () {
  const server = yield* serveSocketIo()
  const connected = new Promise<Socket>((resolve) => server.io.on("connection", resolve))
  const reader = yield* connectTcp(server.port)
  reader.send(handshake)
  yield* reader.until(({ text }) => text.includes('"maxPayload"'))
  reader.send(frame("40"))
  yield* reader.until(({ text }) => text.includes('42["auth"'))
  reader.pauseReading()
  return { ...server, reader, socket: yield* Effect.promise(() => connected) }
})

const size = 100_000

/** Emits numbered messages while `shouldContinue`, yielding to the event loop after each. Returns their count. */
const emit = (socket: Socket, maxCount: number, shouldContinue: () => boolean) =>
  Effect.gen(function* () {
    let count = 0
    for (; count < maxCount && shouldContinue(); count++) {
      socket.emit("numbered", count, "x".repeat(size))
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return count
  })

it.live("buffers messages for a slow client and delivers all of them when it resumes reading", () =>
  Effect.gen(function* () {
    const { reader, socket } = yield* connectStalled
    const before = yield* emit(socket, 1000, () => socket.conn.transport.writable)
    expect(before).toBeLessThan(300)
    const after = yield* emit(socket, 30, () => true)
    expect(socket.connected).toBe(true)
    expect(socket.conn.transport.writable).toBe(false)
    reader.resumeReading()
    const last = new RegExp(`\\["numbered",${after - 1},"x{${size}}"\\]$`)
    yield* reader.until(({ text }) => last.test(text.slice(-size - 100)))
    const numbers = Array.from(reader.text.matchAll(/\["numbered",(\d+),"x+"\]/g), ([, number]) =>
      Number(number),
    )
    const range = (count: number) => Array.from({ length: count }, (_, number) => number)
    expect(numbers).toEqual([...range(before), ...range(after)])
  }),
)

it.live("disconnects a client that stops reading, and keeps serving others", () =>
  Effect.gen(function* () {
    const { socket, websocket } = yield* connectStalled
    const other = yield* joinNamespace(websocket())
    const disconnected = new Promise<string>((resolve) => socket.on("disconnect", resolve))
    const count = yield* emit(socket, 2000, () => socket.connected)
    // The operating system's socket buffers plus a few megabytes.
    expect(count * size).toBeLessThan(20_000_000)
    expect(yield* Effect.promise(() => disconnected)).toBe("transport close")
    other.send('42["message","hello"]')
    expect(yield* other.next).toBe('42["message-back","hello"]')
  }),
)

it.live("delivers one large message completely to a slow client", () =>
  Effect.gen(function* () {
    const { reader, socket } = yield* connectStalled
    const large = "y".repeat(12_000_000)
    socket.emit("large", large)
    socket.emit("small")
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    reader.resumeReading()
    yield* reader.until(({ text }) => text.endsWith('42["small"]'))
    expect(reader.text.includes(large)).toBe(true)
  }),
)

it.live("drops volatile events for a slow client", () =>
  Effect.gen(function* () {
    const { reader, socket } = yield* connectStalled
    yield* emit(socket, 1000, () => socket.conn.transport.writable)
    for (let count = 0; count < 1000; count++) socket.volatile.emit("typing", "x".repeat(size))
    expect(socket.connected).toBe(true)
    socket.emit("last")
    reader.resumeReading()
    yield* reader.until(({ text }) => text.endsWith('42["last"]'))
    expect(reader.text).not.toContain("typing")
  }),
)

it.live("closes the session of a client that never polls once its buffer limit is exceeded", () =>
  Effect.gen(function* () {
    const { engine, polling, closeReason } = yield* serveEngine()
    const sessionOpened = new Promise<Session>((resolve) => engine.on("connection", resolve))
    const sid = yield* openPolling(polling())
    const session = yield* Effect.promise(() => sessionOpened)
    let count = 0
    for (; count < 1000 && engine.clientsCount > 0; count++) session.write("x".repeat(size))
    expect(count * size).toBeLessThan(5_000_000)
    expect(yield* closeReason).toBe("transport error")
    expect((yield* request(polling(sid))).status).toBe(400)
  }),
)
