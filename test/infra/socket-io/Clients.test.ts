import { expect } from "bun:test"
import { Effect } from "effect"
import { io as connect, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client"
import { it } from "../../support/it"
import { servingSocketIo } from "./testServer"

type Options = Partial<ManagerOptions & SocketOptions>

/** The official client, with connections of its own. */
const client = (origin: string, options: Options = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => connect(origin, { forceNew: true, reconnectionDelay: 10, ...options })),
    (socket) => Effect.sync(() => socket.disconnect()),
  )

/** What the next event of this name brings, from now on. */
const next = (socket: Socket, event: string) => {
  const heard = new Promise<ReadonlyArray<unknown>>((resolve) => {
    socket.once(event, (...all: ReadonlyArray<unknown>) => resolve(all))
  })
  return Effect.promise(() => heard)
}

const transports: ReadonlyArray<readonly [string, Options]> = [
  ["websocket", { transports: ["websocket"] }],
  ["long-polling", { transports: ["polling"] }],
  ["long-polling and then a websocket", {}],
]

for (const [name, options] of transports) {
  it.live(`serves the official client on ${name}: events, bytes, acknowledgements, order`, () =>
    Effect.gen(function* () {
      const { origin, io } = yield* servingSocketIo()
      const socket = yield* client(origin, { ...options, auth: { token: "abc" } })
      expect(yield* next(socket, "auth")).toEqual([{ token: "abc" }])
      const back = next(socket, "message-back")
      socket.emit("message", 1, "żółw🐢", { nested: [Buffer.from([1, 2, 3])] })
      const [one, text, nested] = yield* back
      expect([one, text]).toEqual([1, "żółw🐢"])
      expect(new Uint8Array((nested as { nested: [ArrayBuffer] }).nested[0])).toEqual(Uint8Array.of(1, 2, 3))
      const acknowledged = yield* Effect.promise(() => socket.emitWithAck("message-with-ack", "certainly"))
      expect(acknowledged).toBe("certainly")
      const heard: Array<number> = []
      const all = Effect.async<void>((resume) => {
        socket.on("numbered", (number: number) => {
          heard.push(number)
          if (heard.length === 500) resume(Effect.void)
        })
      })
      for (let number = 0; number < 500; number++) io.emit("numbered", number)
      yield* all
      expect(heard).toEqual(Array.from({ length: 500 }, (_, number) => number))
    }),
  )

  it.live(`brings the official client back on ${name} after its connection broke`, () =>
    Effect.gen(function* () {
      const { origin, io } = yield* servingSocketIo()
      const socket = yield* client(origin, options)
      yield* next(socket, "auth")
      const first = socket.id
      const lost = next(socket, "disconnect")
      socket.io.engine.close()
      expect((yield* lost)[0]).toBe("forced close")
      yield* next(socket, "auth")
      expect(socket.id).not.toBe(first)
      const dropped = next(socket, "disconnect")
      for (const server of io.of("/").sockets.values()) server.conn.close()
      // A poll that comes when the session has gone is refused; one that waits is answered.
      expect(["transport close", "transport error"]).toContain(String((yield* dropped)[0]))
      yield* next(socket, "auth")
      expect(io.engine.clientsCount).toBe(1)
    }),
  )

  it.live(`tells the official client on ${name} that it has to go`, () =>
    Effect.gen(function* () {
      const { origin, io } = yield* servingSocketIo()
      const socket = yield* client(origin, options)
      yield* next(socket, "auth")
      const gone = next(socket, "disconnect")
      io.disconnectSockets(true)
      expect((yield* gone)[0]).toBe("io server disconnect")
    }),
  )

  it.live(`carries 8 MB in one message to the official client on ${name} and back`, () =>
    Effect.gen(function* () {
      const { origin } = yield* servingSocketIo({ maxMessageSize: 8_388_608 })
      const socket = yield* client(origin, options)
      yield* next(socket, "auth")
      const text = "x".repeat(8_388_000)
      const acknowledged = yield* Effect.promise(() => socket.emitWithAck("message-with-ack", text))
      expect(acknowledged === text).toBe(true)
    }),
  )
}

it.live("goes over to a websocket by itself, and knows the client's address and query", () =>
  Effect.gen(function* () {
    const { origin, io } = yield* servingSocketIo()
    const socket = yield* client(origin, { query: { colour: "blue" } })
    const upgraded = new Promise<string>((resolve) =>
      socket.io.on("open", () => socket.io.engine.on("upgrade", ({ name }) => resolve(name))),
    )
    yield* next(socket, "auth")
    expect(yield* Effect.promise(() => upgraded)).toBe("websocket")
    for (const { handshake } of io.of("/").sockets.values()) {
      expect(handshake.address).toBe("127.0.0.1")
      expect(handshake.query.colour).toBe("blue")
      expect(handshake.url).toStartWith("/socket.io/?")
      expect(handshake.secure).toBe(false)
    }
    const direct = yield* client(origin, { transports: ["websocket"] })
    yield* next(direct, "auth")
    for (const { handshake } of io.of("/").sockets.values()) expect(handshake.address).toBe("127.0.0.1")
  }),
)

it.live("tells the client what a middleware refuses it for", () =>
  Effect.gen(function* () {
    const { origin, io } = yield* servingSocketIo()
    io.use((_, done) => done(new Error("not you")))
    for (const [, options] of transports) {
      const socket = yield* client(origin, options)
      const [error] = yield* next(socket, "connect_error")
      expect(String(error)).toBe("Error: not you")
    }
  }),
)

it.live(
  "serves a thousand clients at once, and forgets them when they leave",
  () =>
    Effect.gen(function* () {
      const { origin, io } = yield* servingSocketIo()
      const sockets = yield* Effect.all(
        Array.from({ length: 1000 }, () => client(origin, { transports: ["websocket"] })),
      )
      const all = (event: string) =>
        Effect.all(
          sockets.map((socket) => next(socket, event)),
          { concurrency: "unbounded" },
        )
      yield* all("auth")
      expect(io.engine.clientsCount).toBe(1000)
      const told = all("everyone")
      io.emit("everyone", "hello")
      expect((yield* told).flat()).toEqual(Array.from({ length: 1000 }, () => "hello"))
      for (const socket of sockets) socket.disconnect()
      while (io.engine.clientsCount > 0) yield* Effect.sleep("10 millis")
      expect(io.of("/").sockets.size).toBe(0)
    }),
  { timeout: 30_000 },
)
