import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { member, session } from "./rawClient"
import { servingSocketIo } from "./testServer"

// The Socket.IO protocol's own cases.

const welcome = (namespace: string) =>
  expect.stringMatching(new RegExp(`^40${namespace}{"sid":"[\\w-]{20}"}$`))

it.live("lets into the main namespace and another, with a payload or without", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo()
    for (const [namespace, payload] of [
      ["", ""],
      ["", '{"token":"123"}'],
      ["/custom,", ""],
      ["/custom,", '{"token":"abc"}'],
    ] as const) {
      const { send, next } = yield* session(websocket())
      send(`40${namespace}${payload}`)
      expect(yield* next).toEqual(welcome(namespace))
      expect(yield* next).toBe(`42${namespace}["auth",${payload || "{}"}]`)
    }
  }),
)

it.live("says that there is no such namespace", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo()
    const { send, next } = yield* session(websocket())
    send("40/random")
    expect(yield* next).toBe('44/random,{"message":"Invalid namespace"}')
  }),
)

it.live("closes on what is no handshake, and when none comes", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo({ pingInterval: 50, pingTimeout: 50 })
    const wrong = yield* session(websocket())
    wrong.send("4abc")
    yield* wrong.closed
    yield* (yield* session(websocket())).closed
  }),
)

it.live("lets leave the main namespace, and stays for others", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo({ pingInterval: 100 })
    const { send, next } = yield* member(websocket())
    send("41")
    expect(yield* next).toBe("2")
  }),
)

it.live("lets leave one namespace and stay in another", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo()
    const { send, next } = yield* member(websocket())
    send("40/custom,")
    expect(yield* next).toEqual(welcome("/custom,"))
    yield* next
    send("41/custom,", '42["message","message to main namespace"]')
    expect(yield* next).toBe('42["message-back","message to main namespace"]')
  }),
)

it.live("carries a message of text, and one with bytes", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo()
    const { send, next } = yield* member(websocket())
    send('42["message",1,"2",{"3":[true]}]')
    expect(yield* next).toBe('42["message-back",1,"2",{"3":[true]}]')
    const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    send(`452-["message",${places}]`, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))
    expect(yield* next).toBe(`452-["message-back",${places}]`)
    expect(yield* next).toEqual(Uint8Array.of(1, 2, 3).buffer)
    expect(yield* next).toEqual(Uint8Array.of(4, 5, 6).buffer)
  }),
)

it.live("acknowledges a message of text, and one with bytes", () =>
  Effect.gen(function* () {
    const { websocket } = yield* servingSocketIo()
    const { send, next } = yield* member(websocket())
    send('42456["message-with-ack",1,"2",{"3":[false]}]')
    expect(yield* next).toBe('43456[1,"2",{"3":[false]}]')
    const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    send(`452-789["message-with-ack",${places}]`, Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6))
    expect(yield* next).toBe(`462-789[${places}]`)
    expect(yield* next).toEqual(Uint8Array.of(1, 2, 3).buffer)
    expect(yield* next).toEqual(Uint8Array.of(4, 5, 6).buffer)
  }),
)

for (const [what, sent] of [
  ["an unknown type", "4abc"],
  ["a payload that is no event", "42{}"],
  ["a number of an acknowledgement that is none", '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ["bytes that nobody announced", Uint8Array.of(1, 2, 3)],
  ["an event with a reserved name", '42["disconnect"]'],
  ["text where bytes were announced", '451-["message",{"_placeholder":true,"num":0}]\x1e42["message"]'],
] as const)
  it.live(`closes on ${what}, and serves others`, () =>
    Effect.gen(function* () {
      const { websocket } = yield* servingSocketIo()
      const other = yield* member(websocket())
      const { send, closed } = yield* member(websocket())
      if (typeof sent === "string") send(...sent.split("\x1e"))
      else send(sent)
      yield* closed
      other.send('42["message","still here"]')
      expect(yield* other.next).toBe('42["message-back","still here"]')
    }),
  )
