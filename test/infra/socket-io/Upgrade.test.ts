import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { connectRawWebSocket, openSession } from "./rawClient"
import { openPolling, request, serveEngine } from "./testServer"

// The WebSocket and upgrade cases of the protocol's own test suite.

it.live("sends and receives text and binary data on a WebSocket", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveEngine()
    const { send, next } = yield* openSession(websocket())
    send("4hello", Uint8Array.of(1, 2, 3, 4), new Uint8Array(), "4")
    expect(yield* next).toBe("4hello")
    expect(yield* next).toEqual(Uint8Array.of(1, 2, 3, 4).buffer)
    expect(yield* next).toEqual(new ArrayBuffer(0))
    expect(yield* next).toBe("4")
  }),
)

it.live("closes a WebSocket on an invalid and on a too large packet", () =>
  Effect.gen(function* () {
    const { websocket, closeReason, engine } = yield* serveEngine()
    const invalid = yield* openSession(websocket())
    invalid.send("abc")
    yield* invalid.closed
    expect(yield* closeReason).toBe("parse error")
    const long = yield* openSession(websocket())
    long.send(`4${"x".repeat(1_000_000)}`)
    expect((yield* long.closed).code).toBe(1009)
    expect(yield* closeReason).toBe("transport close")
    expect(engine.clientsCount).toBe(0)
  }),
)

it.live("keeps a WebSocket open while it answers pings", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveEngine({ pingInterval: 50, pingTimeout: 5000 })
    const { send, next } = yield* openSession(websocket())
    for (const _ of [1, 2, 3]) {
      expect(yield* next).toBe("2")
      send("3")
    }
  }),
)

it.live("closes a WebSocket that does not answer a ping, and one whose client sends a close packet", () =>
  Effect.gen(function* () {
    const { websocket, closeReason } = yield* serveEngine({ pingInterval: 50, pingTimeout: 50 })
    yield* (yield* connectRawWebSocket(websocket())).closed
    expect(yield* closeReason).toBe("ping timeout")
    const closing = yield* openSession(websocket())
    closing.send("1")
    yield* closing.closed
    expect(yield* closeReason).toBe("transport close")
  }),
)

/** Opens a long-polling session and probes a WebSocket for it; sending "5" completes the upgrade. */
const upgradeSession = Effect.gen(function* () {
  const server = yield* serveEngine()
  const sid = yield* openPolling(server.polling())
  const socket = yield* connectRawWebSocket(server.websocket(sid))
  yield* socket.opened
  socket.send("2probe")
  expect(yield* socket.next).toBe("3probe")
  return { ...server, sid, socket }
})

const expectEcho = ({ socket: { send, next } }: Effect.Effect.Success<typeof upgradeSession>) =>
  Effect.gen(function* () {
    send("4hello")
    expect(yield* next).toBe("4hello")
  })

it.live("upgrades from long-polling to WebSocket, answering a pending poll with a noop packet", () =>
  Effect.gen(function* () {
    const upgradedSession = yield* upgradeSession
    expect(yield* request(upgradedSession.polling(upgradedSession.sid))).toMatchObject({
      status: 200,
      text: "6",
    })
    upgradedSession.socket.send("5")
    yield* expectEcho(upgradedSession)
    expect(upgradedSession.engine.clientsCount).toBe(1)
  }),
)

it.live("sends packets buffered for polling on the WebSocket, in order", () =>
  Effect.gen(function* () {
    const upgradedSession = yield* upgradeSession
    for (const body of ["4one", "4two"])
      yield* request(upgradedSession.polling(upgradedSession.sid), { method: "POST", body })
    upgradedSession.socket.send("5", "4three")
    for (const text of ["4one", "4two", "4three"]) expect(yield* upgradedSession.socket.next).toBe(text)
  }),
)

it.live("rejects polling requests of a session that was upgraded to WebSocket", () =>
  Effect.gen(function* () {
    const upgradedSession = yield* upgradeSession
    upgradedSession.socket.send("5")
    yield* expectEcho(upgradedSession)
    const badRequest = { status: 400, text: '{"code":3,"message":"Bad request"}' }
    expect(yield* request(upgradedSession.polling(upgradedSession.sid))).toMatchObject(badRequest)
    expect(
      yield* request(upgradedSession.polling(upgradedSession.sid), { method: "POST", body: "4no" }),
    ).toMatchObject(badRequest)
    yield* expectEcho(upgradedSession)
  }),
)

it.live("closes a second WebSocket with the same session id, during and after the upgrade", () =>
  Effect.gen(function* () {
    const upgradedSession = yield* upgradeSession
    const expectRejected = Effect.gen(function* () {
      const second = yield* connectRawWebSocket(upgradedSession.websocket(upgradedSession.sid))
      yield* second.opened
      yield* second.closed
    })
    yield* expectRejected
    upgradedSession.socket.send("5")
    yield* expectEcho(upgradedSession)
    yield* expectRejected
    yield* expectEcho(upgradedSession)
  }),
)

it.live("closes a second WebSocket with the id of a session that started on WebSocket", () =>
  Effect.gen(function* () {
    const { websocket, engine } = yield* serveEngine()
    const { next, send } = yield* connectRawWebSocket(websocket())
    const { sid } = JSON.parse(String(yield* next).slice(1))
    const second = yield* connectRawWebSocket(websocket(sid))
    yield* second.opened
    yield* second.closed
    send("4hello")
    expect(yield* next).toBe("4hello")
    expect(engine.clientsCount).toBe(1)
  }),
)

it.live("closes a WebSocket that violates the upgrade sequence, and keeps the polling session", () =>
  Effect.gen(function* () {
    const server = yield* serveEngine()
    const sid = yield* openPolling(server.polling())
    const premature = yield* connectRawWebSocket(server.websocket(sid))
    yield* premature.opened
    premature.send("4hello")
    yield* premature.closed
    yield* request(server.polling(sid), { method: "POST", body: "4still here" })
    expect(yield* request(server.polling(sid))).toMatchObject({ status: 200, text: "4still here" })
  }),
)

it.live("closes the WebSocket of a session that ends during the upgrade", () =>
  Effect.gen(function* () {
    const halfUpgraded = yield* upgradeSession
    yield* request(halfUpgraded.polling(halfUpgraded.sid), { method: "POST", body: "1" })
    yield* halfUpgraded.socket.closed
    expect(yield* halfUpgraded.closeReason).toBe("transport close")
  }),
)
