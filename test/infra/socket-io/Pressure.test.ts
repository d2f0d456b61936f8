import { expect } from "bun:test"
import { Effect } from "effect"
import type { Socket } from "socket.io"
import type { Session } from "../../../src/infra/socket-io/Session"
import { it } from "../../support/it"
import { rawClient } from "../bun-http/RawClient"
import { member } from "./rawClient"
import { ask, openPolling, servingEngine, servingSocketIo } from "./testServer"

const handshake =
  "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

/** A short text as a client's websocket frame, masked with zeros. */
const frame = (text: string) => Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0, ...Buffer.from(text)])

/** A client that is in, and has stopped reading; with it the server's side of it. */
const stalled = Effect.gen(function* () {
  const server = yield* servingSocketIo()
  const arrived = new Promise<Socket>((resolve) => server.io.on("connection", resolve))
  const reader = yield* rawClient(server.port)
  reader.send(handshake)
  yield* reader.until(({ text }) => text.includes('"maxPayload"'))
  reader.send(frame("40"))
  yield* reader.until(({ text }) => text.includes('42["auth"'))
  reader.stopReading()
  return { ...server, reader, socket: yield* Effect.promise(() => arrived) }
})

const size = 100_000

/** Emits numbered messages while `goes`, letting the connection work in between; how many there were. */
const emit = (socket: Socket, most: number, goes: () => boolean) =>
  Effect.gen(function* () {
    let count = 0
    for (; count < most && goes(); count++) {
      socket.emit("numbered", count, "x".repeat(size))
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return count
  })

it.live("keeps what a slow reader is behind with, and loses nothing when it reads on", () =>
  Effect.gen(function* () {
    const { reader, socket } = yield* stalled
    const before = yield* emit(socket, 1000, () => socket.conn.transport.writable)
    expect(before).toBeLessThan(300)
    const after = yield* emit(socket, 30, () => true)
    expect(socket.connected).toBe(true)
    expect(socket.conn.transport.writable).toBe(false)
    reader.readOn()
    const last = new RegExp(`\\["numbered",${after - 1},"x{${size}}"\\]$`)
    yield* reader.until(({ text }) => last.test(text.slice(-size - 100)))
    const numbers = Array.from(reader.text.matchAll(/\["numbered",(\d+),"x+"\]/g), ([, number]) =>
      Number(number),
    )
    const counted = (count: number) => Array.from({ length: count }, (_, number) => number)
    expect(numbers).toEqual([...counted(before), ...counted(after)])
  }),
)

it.live("gives up a reader who stands still, and serves others meanwhile", () =>
  Effect.gen(function* () {
    const { socket, websocket } = yield* stalled
    const other = yield* member(websocket())
    const gone = new Promise<string>((resolve) => socket.on("disconnect", resolve))
    const count = yield* emit(socket, 2000, () => socket.connected)
    // What the system's own buffers hold, and no more than a few megabytes besides.
    expect(count * size).toBeLessThan(20_000_000)
    expect(yield* Effect.promise(() => gone)).toBe("transport close")
    other.send('42["message","hello"]')
    expect(yield* other.next).toBe('42["message-back","hello"]')
  }),
)

it.live("sends one large message whole, however slowly it is read", () =>
  Effect.gen(function* () {
    const { reader, socket } = yield* stalled
    const large = "y".repeat(12_000_000)
    socket.emit("large", large)
    socket.emit("small")
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    reader.readOn()
    yield* reader.until(({ text }) => text.endsWith('42["small"]'))
    expect(reader.text.includes(large)).toBe(true)
  }),
)

it.live("drops volatile events for a reader who is behind", () =>
  Effect.gen(function* () {
    const { reader, socket } = yield* stalled
    yield* emit(socket, 1000, () => socket.conn.transport.writable)
    for (let count = 0; count < 1000; count++) socket.volatile.emit("typing", "x".repeat(size))
    expect(socket.connected).toBe(true)
    socket.emit("last")
    reader.readOn()
    yield* reader.until(({ text }) => text.endsWith('42["last"]'))
    expect(reader.text).not.toContain("typing")
  }),
)

it.live("gives up a client that is there but never polls", () =>
  Effect.gen(function* () {
    const { engine, polling, end } = yield* servingEngine()
    const begun = new Promise<Session>((resolve) => engine.on("connection", resolve))
    const sid = yield* openPolling(polling())
    const session = yield* Effect.promise(() => begun)
    let count = 0
    for (; count < 1000 && engine.clientsCount > 0; count++) session.write("x".repeat(size))
    expect(count * size).toBeLessThan(5_000_000)
    expect(yield* end).toBe("transport error")
    expect((yield* ask(polling(sid))).status).toBe(400)
  }),
)
