import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { handshake, openRawSocket, sendHead } from "../../support/rawWebSocket"
import { encodeClose, opcodes } from "../../support/webSocketFrames"
import type { Case } from "./Case"
import { type Dialect, plexiChat, socketIo } from "./dialects"
import { framingCases } from "./framingCases"
import { utf8Cases } from "./utf8Cases"

// The cases of the Autobahn test suite, which is a program of its own. Left out are 7.1.6 and 7.13, in which
// everything is allowed, 9.7 and 9.8, which measure time, and 12 and 13, as compression is not negotiated.

/** Runs a case over a connection of its own. Returns how the server deviates from it, if it does. */
const findDeviation = Effect.fnUntraced(function* (
  url: string,
  path: string,
  { answer }: Dialect,
  testCase: Case,
) {
  const { id, steps, answers = [], closes, mayLoseAnswers } = testCase
  const socket = yield* openRawSocket(url, path)
  // Every protocol here begins with a frame of the server.
  yield* socket.until(() => socket.frames.length > 0)
  const received = () =>
    socket.frames.flatMap(({ opcode, payload }) => {
      if (opcode === opcodes.close) return []
      if (opcode === opcodes.pong) return `pong ${payload.toString("hex")}`
      const text = answer(payload.toString())
      if (text === undefined) return []
      return text === "rejected" ? text : `message ${text}`
    })
  for (const step of steps) {
    if ("answers" in step) yield* socket.until(() => received().length >= step.answers)
    else socket.client.send(step)
    // Lets the segment leave before the next one.
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
  }
  if (closes === undefined) {
    yield* socket.until(() => received().length >= answers.length)
    socket.client.send(encodeClose(1000))
  }
  const closed = yield* socket.closed
  const outcome = { answers: received(), closes: closed }
  const last = socket.frames.at(-1)?.opcode
  const expected = { answers, closes: closes ?? 1000 }
  const isLost = mayLoseAnswers === true && outcome.answers.length === 0
  const isSame = isLost || Bun.deepEquals(outcome.answers, answers)
  const isExpected = isSame && outcome.closes === expected.closes && last === opcodes.close
  return isExpected ? [] : [{ id, path, expected, outcome }]
}, Effect.scoped)

/** Runs each case over one of the sockets in turn: what is below their messages is the same for all. */
const findDeviations = (url: string, paths: ReadonlyArray<string>, dialect: Dialect) => {
  const cases = [...framingCases(dialect), ...utf8Cases(dialect)].filter(
    ({ isMalformed }) => dialect.answersMalformed || isMalformed !== true,
  )
  const run = (testCase: Case, index: number) =>
    findDeviation(url, paths[index % paths.length] ?? "", dialect, testCase)
  return Effect.map(Effect.forEach(cases, run, { concurrency: 8 }), (deviations) => deviations.flat())
}

/** Returns the paths of the four sockets, for a user who is in a channel and in a conversation. */
const socketPaths = Effect.gen(function* () {
  const app = yield* App
  const [{ token }, other] = yield* Effect.all([app.newUser(), app.newUser()])
  const channel = yield* app.request("POST", "/v1/channels", { token, body: { name: "general" } })
  const direct = yield* app.request("POST", "/v1/dm/conversations", { token, body: { user_id: other.id } })
  const id = channel.at("data.id")
  return ["connect", `channels/${id}`, `dm/${direct.at("data.id")}`, `voice/${id}`].map(
    (path) => `/v1/ws/${path}?token=${token}`,
  )
})

layer(Server.layer({ MAX_SOCKET_MESSAGE_BYTES: "262144" }))("WebSockets", (it) => {
  it.live(
    "of PlexiChat conform to RFC 6455",
    () =>
      Effect.gen(function* () {
        const { url } = yield* App
        expect(yield* findDeviations(url, yield* socketPaths, plexiChat)).toEqual([])
      }),
    { timeout: 120_000 },
  )

  it.live(
    "of Socket.IO conform to RFC 6455",
    () =>
      Effect.gen(function* () {
        const { url } = yield* App
        const path = "/socket.io/?EIO=4&transport=websocket"
        expect(yield* findDeviations(url, [path], socketIo)).toEqual([])
      }),
    { timeout: 120_000 },
  )

  it.live("are opened by a handshake as RFC 6455 has it, and by no other request", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      for (const path of yield* socketPaths) {
        const open = (headers: Readonly<Record<string, string | undefined>>, method = "GET") =>
          Effect.scoped(
            Effect.map(
              sendHead(url, path, JSON.parse(JSON.stringify({ ...handshake, ...headers })), { method }),
              ({ head }) => head.toLowerCase().split("\r\n"),
            ),
          )
        const opened = yield* open({ "sec-websocket-extensions": "permessage-deflate" })
        expect(opened[0]).toBe("http/1.1 101 switching protocols")
        expect(opened).toContain("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=")
        expect(opened.join("\n")).not.toContain("sec-websocket-extensions")
        expect((yield* open({}, "POST"))[0]).toBe("http/1.1 405 method not allowed")
        for (const header of Object.keys(handshake)) {
          const rejected = yield* open({ [header]: undefined })
          expect([header, rejected[0]]).toEqual([header, "http/1.1 426 upgrade required"])
          expect(rejected).toContain("sec-websocket-version: 13")
        }
        expect((yield* open({ "sec-websocket-version": "12" }))[0]).toBe("http/1.1 426 upgrade required")
        expect((yield* open({ "sec-websocket-key": "short" }))[0]).toBe("http/1.1 426 upgrade required")
      }
    }),
  )
})
