import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { session, wire } from "./rawClient"
import { ask, openPolling, servingEngine } from "./testServer"

// The protocol's own cases on websockets, and on the way to them.

it.live("carries text and bytes on a websocket", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingEngine()
    const { send, next } = yield* session(websocket())
    send("4hello", Uint8Array.of(1, 2, 3, 4), new Uint8Array(), "4")
    expect(yield* next).toBe("4hello")
    expect(yield* next).toEqual(Uint8Array.of(1, 2, 3, 4).buffer)
    expect(yield* next).toEqual(new ArrayBuffer(0))
    expect(yield* next).toBe("4")
  }),
)

it.live("closes a websocket for a packet that is none, and for one that is too large", () =>
  Effect.gen(function* () {
    const { websocket, end, engine } = yield* servingEngine()
    const wrong = yield* session(websocket())
    wrong.send("abc")
    yield* wrong.closed
    expect(yield* end).toBe("parse error")
    const long = yield* session(websocket())
    long.send(`4${"x".repeat(1_000_000)}`)
    expect((yield* long.closed).code).toBe(1009)
    expect(yield* end).toBe("transport close")
    expect(engine.clientsCount).toBe(0)
  }),
)

it.live("pings a websocket, and goes on while it answers", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingEngine({ pingInterval: 50, pingTimeout: 5000 })
    const { send, next } = yield* session(websocket())
    for (const _ of [1, 2, 3]) {
      expect(yield* next).toBe("2")
      send("3")
    }
  }),
)

it.live("closes a websocket that does not answer a ping, and one whose client says goodbye", () =>
  Effect.gen(function* () {
    const { websocket, end } = yield* servingEngine({ pingInterval: 50, pingTimeout: 50 })
    yield* (yield* wire(websocket())).closed
    expect(yield* end).toBe("ping timeout")
    const leaving = yield* session(websocket())
    leaving.send("1")
    yield* leaving.closed
    expect(yield* end).toBe("transport close")
  }),
)

/** A session that has been tried on a websocket and gone over to it. */
const upgraded = Effect.gen(function* () {
  const server = yield* servingEngine()
  const sid = yield* openPolling(server.polling())
  const socket = yield* wire(server.websocket(sid))
  yield* socket.opened
  socket.send("2probe")
  expect(yield* socket.next).toBe("3probe")
  return { ...server, sid, socket }
})

const echoes = ({ socket: { send, next } }: Effect.Effect.Success<typeof upgraded>) =>
  Effect.gen(function* () {
    send("4hello")
    expect(yield* next).toBe("4hello")
  })

it.live("moves from long-polling to a websocket, ending the poll that waits with nothing", () =>
  Effect.gen(function* () {
    const moved = yield* upgraded
    expect(yield* ask(moved.polling(moved.sid))).toMatchObject({ status: 200, text: "6" })
    moved.socket.send("5")
    yield* echoes(moved)
    expect(moved.engine.clientsCount).toBe(1)
  }),
)

it.live("sends on the websocket what waited for a poll, in order", () =>
  Effect.gen(function* () {
    const moved = yield* upgraded
    for (const body of ["4one", "4two"]) yield* ask(moved.polling(moved.sid), { method: "POST", body })
    moved.socket.send("5", "4three")
    for (const text of ["4one", "4two", "4three"]) expect(yield* moved.socket.next).toBe(text)
  }),
)

it.live("refuses polls and posts with the id of a session that has gone to a websocket", () =>
  Effect.gen(function* () {
    const moved = yield* upgraded
    moved.socket.send("5")
    yield* echoes(moved)
    const badRequest = { status: 400, text: '{"code":3,"message":"Bad request"}' }
    expect(yield* ask(moved.polling(moved.sid))).toMatchObject(badRequest)
    expect(yield* ask(moved.polling(moved.sid), { method: "POST", body: "4no" })).toMatchObject(badRequest)
    yield* echoes(moved)
  }),
)

it.live("shows out a second websocket with the same id, during the move and after it", () =>
  Effect.gen(function* () {
    const moved = yield* upgraded
    const showsOut = Effect.gen(function* () {
      const second = yield* wire(moved.websocket(moved.sid))
      yield* second.opened
      yield* second.closed
    })
    yield* showsOut
    moved.socket.send("5")
    yield* echoes(moved)
    yield* showsOut
    yield* echoes(moved)
  }),
)

it.live("shows out a websocket with the id of a session that began on one", () =>
  Effect.gen(function* () {
    const { websocket, engine } = yield* servingEngine()
    const { next, send } = yield* wire(websocket())
    const { sid } = JSON.parse(String(yield* next).slice(1))
    const second = yield* wire(websocket(sid))
    yield* second.opened
    yield* second.closed
    send("4hello")
    expect(yield* next).toBe("4hello")
    expect(engine.clientsCount).toBe(1)
  }),
)

it.live("closes a websocket that does not keep to the way over, and keeps the session on long-polling", () =>
  Effect.gen(function* () {
    const server = yield* servingEngine()
    const sid = yield* openPolling(server.polling())
    const hasty = yield* wire(server.websocket(sid))
    yield* hasty.opened
    hasty.send("4hello")
    yield* hasty.closed
    yield* ask(server.polling(sid), { method: "POST", body: "4still here" })
    expect(yield* ask(server.polling(sid))).toMatchObject({ status: 200, text: "4still here" })
  }),
)

it.live("closes the websocket of a session that ends on the way over", () =>
  Effect.gen(function* () {
    const moving = yield* upgraded
    yield* ask(moving.polling(moving.sid), { method: "POST", body: "1" })
    yield* moving.socket.closed
    expect(yield* moving.end).toBe("transport close")
  }),
)
