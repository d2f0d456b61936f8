import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { joinNamespace, openSession } from "./rawClient"
import { serveSocketIo } from "./testServer"

// The cases of the Socket.IO protocol's own test suite.

const connectPacket = (namespace: string) =>
  expect.stringMatching(new RegExp(`^40${namespace}{"sid":"[\\w-]{20}"}$`))

it.live("connects clients to the main and a custom namespace, with and without a payload", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo()
    for (const [namespace, payload] of [
      ["", ""],
      ["", '{"token":"123"}'],
      ["/custom,", ""],
      ["/custom,", '{"token":"abc"}'],
    ] as const) {
      const { send, next } = yield* openSession(websocket())
      send(`40${namespace}${payload}`)
      expect(yield* next).toEqual(connectPacket(namespace))
      expect(yield* next).toBe(`42${namespace}["auth",${payload || "{}"}]`)
    }
  }),
)

it.live("rejects a connection to an unknown namespace", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo()
    const { send, next } = yield* openSession(websocket())
    send("40/random")
    expect(yield* next).toBe('44/random,{"message":"Invalid namespace"}')
  }),
)

it.live("closes the connection on an invalid namespace handshake, and when none arrives", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo({ pingInterval: 50, pingTimeout: 50 })
    const invalid = yield* openSession(websocket())
    invalid.send("4abc")
    yield* invalid.closed
    yield* (yield* openSession(websocket())).closed
  }),
)

it.live("keeps the connection when a client leaves the main namespace", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo({ pingInterval: 100 })
    const { send, next } = yield* joinNamespace(websocket())
    send("41")
    expect(yield* next).toBe("2")
  }),
)

it.live("keeps a client in one namespace when it leaves another", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo()
    const { send, next } = yield* joinNamespace(websocket())
    send("40/custom,")
    expect(yield* next).toEqual(connectPacket("/custom,"))
    yield* next
    send("41/custom,", '42["message","message to main namespace"]')
    expect(yield* next).toBe('42["message-back","message to main namespace"]')
  }),
)

it.live("delivers text and binary messages", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo()
    const { send, next } = yield* joinNamespace(websocket())
    send('42["message",1,"2",{"3":[true]}]')
    expect(yield* next).toBe('42["message-back",1,"2",{"3":[true]}]')
    const placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    send(`452-["message",${placeholders}]`, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))
    expect(yield* next).toBe(`452-["message-back",${placeholders}]`)
    expect(yield* next).toEqual(Uint8Array.of(1, 2, 3).buffer)
    expect(yield* next).toEqual(Uint8Array.of(4, 5, 6).buffer)
  }),
)

it.live("acknowledges text and binary messages", () =>
  Effect.gen(function* () {
    const { websocket } = yield* serveSocketIo()
    const { send, next } = yield* joinNamespace(websocket())
    send('42456["message-with-ack",1,"2",{"3":[false]}]')
    expect(yield* next).toBe('43456[1,"2",{"3":[false]}]')
    const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    send(`452-789["message-with-ack",${places}]`, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))
    expect(yield* next).toBe(`462-789[${places}]`)
    expect(yield* next).toEqual(Uint8Array.of(1, 2, 3).buffer)
    expect(yield* next).toEqual(Uint8Array.of(4, 5, 6).buffer)
  }),
)

for (const [title, packet] of [
  ["an unknown packet type", "4abc"],
  ["an event packet without an event", "42{}"],
  ["an invalid acknowledgement id", '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ["unexpected binary data", Uint8Array.of(1, 2, 3)],
  ["an event with a reserved name", '42["disconnect"]'],
  [
    "text in place of an announced attachment",
    '451-["message",{"_placeholder":true,"num":0}]\x1e42["message"]',
  ],
] as const)
  it.live(`closes the connection on ${title} and keeps serving others`, () =>
    Effect.gen(function* () {
      const { websocket } = yield* serveSocketIo()
      const other = yield* joinNamespace(websocket())
      const { send, closed } = yield* joinNamespace(websocket())
      if (typeof packet === "string") send(...packet.split("\x1e"))
      else send(packet)
      yield* closed
      other.send('42["message","still here"]')
      expect(yield* other.next).toBe('42["message-back","still here"]')
    }),
  )
