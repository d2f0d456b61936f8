import { expect } from "bun:test"
import { Effect } from "effect"
import { io as connect, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client"
import { it } from "../../support/it"
import { serveSocketIo } from "./testServer"

type Options = Partial<ManagerOptions & SocketOptions>

/** Connects the official client on a new connection. */
const connectClient = (origin: string, options: Options = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => connect(origin, { forceNew: true, reconnectionDelay: 10, ...options })),
    (socket) => Effect.sync(() => socket.disconnect()),
  )

/** Waits for the next event of a name and returns its arguments. Listens from the call on. */
const nextEvent = (socket: Socket, event: string) => {
  const received = new Promise<ReadonlyArray<unknown>>((resolve) => {
    socket.once(event, (...all: ReadonlyArray<unknown>) => resolve(all))
  })
  return Effect.promise(() => received)
}

const transports: ReadonlyArray<readonly [string, Options]> = [
  ["WebSocket", { transports: ["websocket"] }],
  ["long-polling", { transports: ["polling"] }],
  ["long-polling upgraded to WebSocket", {}],
]

for (const [name, options] of transports) {
  it.live(
    `delivers events, binary data and acknowledgements in order to the official client on ${name}`,
    () =>
      Effect.gen(function* () {
        const { origin, io } = yield* serveSocketIo()
        const socket = yield* connectClient(origin, { ...options, auth: { token: "abc" } })
        expect(yield* nextEvent(socket, "auth")).toEqual([{ token: "abc" }])
        const back = nextEvent(socket, "message-back")
        socket.emit("message", 1, "żółw🐢", { nested: [Buffer.from([1, 2, 3])] })
        const [one, text, nested] = yield* back
        expect([one, text]).toEqual([1, "żółw🐢"])
        expect(new Uint8Array((nested as { nested: [ArrayBuffer] }).nested[0])).toEqual(
          Uint8Array.of(1, 2, 3),
        )
        const acknowledged = yield* Effect.promise(() => socket.emitWithAck("message-with-ack", "certainly"))
        expect(acknowledged).toBe("certainly")
        const received: Array<number> = []
        const all = Effect.async<void>((resume) => {
          socket.on("numbered", (number: number) => {
            received.push(number)
            if (received.length === 500) resume(Effect.void)
          })
        })
        for (let number = 0; number < 500; number++) io.emit("numbered", number)
        yield* all
        expect(received).toEqual(Array.from({ length: 500 }, (_, number) => number))
      }),
  )

  it.live(`reconnects the official client on ${name} after its connection is lost`, () =>
    Effect.gen(function* () {
      const { origin, io } = yield* serveSocketIo()
      const socket = yield* connectClient(origin, options)
      yield* nextEvent(socket, "auth")
      const first = socket.id
      const lost = nextEvent(socket, "disconnect")
      socket.io.engine.close()
      expect((yield* lost)[0]).toBe("forced close")
      yield* nextEvent(socket, "auth")
      expect(socket.id).not.toBe(first)
      const dropped = nextEvent(socket, "disconnect")
      for (const server of io.of("/").sockets.values()) server.conn.close()
      // A poll that arrives after the session closed is rejected; a pending one is answered.
      expect(["transport close", "transport error"]).toContain(String((yield* dropped)[0]))
      yield* nextEvent(socket, "auth")
      expect(io.engine.clientsCount).toBe(1)
    }),
  )

  it.live(`disconnects the official client on ${name} from the server`, () =>
    Effect.gen(function* () {
      const { origin, io } = yield* serveSocketIo()
      const socket = yield* connectClient(origin, options)
      yield* nextEvent(socket, "auth")
      const disconnected = nextEvent(socket, "disconnect")
      io.disconnectSockets(true)
      expect((yield* disconnected)[0]).toBe("io server disconnect")
    }),
  )

  it.live(`delivers an 8 MB message from and to the official client on ${name}`, () =>
    Effect.gen(function* () {
      const { origin } = yield* serveSocketIo({ maxMessageSize: 8_388_608 })
      const socket = yield* connectClient(origin, options)
      yield* nextEvent(socket, "auth")
      const text = "x".repeat(8_388_000)
      const acknowledged = yield* Effect.promise(() => socket.emitWithAck("message-with-ack", text))
      expect(acknowledged === text).toBe(true)
    }),
  )
}

it.live("upgrades the official client to WebSocket and exposes its address and query", () =>
  Effect.gen(function* () {
    const { origin, io } = yield* serveSocketIo()
    const socket = yield* connectClient(origin, { query: { colour: "blue" } })
    const upgraded = new Promise<string>((resolve) =>
      socket.io.on("open", () => socket.io.engine.on("upgrade", ({ name }) => resolve(name))),
    )
    yield* nextEvent(socket, "auth")
    expect(yield* Effect.promise(() => upgraded)).toBe("websocket")
    for (const { handshake } of io.of("/").sockets.values()) {
      expect(handshake.address).toBe("127.0.0.1")
      expect(handshake.query.colour).toBe("blue")
      expect(handshake.url).toStartWith("/socket.io/?")
      expect(handshake.secure).toBe(false)
    }
    const direct = yield* connectClient(origin, { transports: ["websocket"] })
    yield* nextEvent(direct, "auth")
    for (const { handshake } of io.of("/").sockets.values()) expect(handshake.address).toBe("127.0.0.1")
  }),
)

it.live("reports the error of a rejecting middleware to the client", () =>
  Effect.gen(function* () {
    const { origin, io } = yield* serveSocketIo()
    io.use((_, done) => done(new Error("not you")))
    for (const [, options] of transports) {
      const socket = yield* connectClient(origin, options)
      const [error] = yield* nextEvent(socket, "connect_error")
      expect(String(error)).toBe("Error: not you")
    }
  }),
)

it.live(
  "serves a thousand concurrent clients and releases them when they disconnect",
  () =>
    Effect.gen(function* () {
      const { origin, io } = yield* serveSocketIo()
      const sockets = yield* Effect.all(
        Array.from({ length: 1000 }, () => connectClient(origin, { transports: ["websocket"] })),
      )
      const all = (event: string) =>
        Effect.all(
          sockets.map((socket) => nextEvent(socket, event)),
          { concurrency: "unbounded" },
        )
      yield* all("auth")
      expect(io.engine.clientsCount).toBe(1000)
      const received = all("everyone")
      io.emit("everyone", "hello")
      expect((yield* received).flat()).toEqual(Array.from({ length: 1000 }, () => "hello"))
      for (const socket of sockets) socket.disconnect()
      while (io.engine.clientsCount > 0) yield* Effect.sleep("10 millis")
      expect(io.of("/").sockets.size).toBe(0)
    }),
  { timeout: 30_000 },
)
