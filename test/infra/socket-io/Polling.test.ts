import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { rawClient } from "../bun-http/RawClient"
import { ask, openPolling, servingEngine } from "./testServer"

// The protocol's own cases on long-polling, with what the reference server answers.

const unknownSession = { status: 400, text: '{"code":1,"message":"Session ID unknown"}' }

/** A session on long-polling, and how its client speaks. */
const polling = (options: Parameters<typeof servingEngine>[0] = {}) =>
  Effect.gen(function* () {
    const server = yield* servingEngine(options)
    const sid = yield* openPolling(server.polling())
    const address = server.polling(sid)
    const post = (body: string, headers: Record<string, string> = {}) =>
      ask(address, { method: "POST", body, headers })
    return { ...server, sid, address, poll: ask(address), post }
  })

it.live("carries one packet, several, and binary ones", () =>
  Effect.gen(function* () {
    const { poll, post } = yield* polling()
    for (const payload of ["4hello", "4test1\x1e4test2\x1e4test3", "4hello\x1ebAQIDBA==", "4żółw🐢"]) {
      expect(yield* post(payload)).toMatchObject({ status: 200, text: "ok" })
      expect(yield* poll).toMatchObject({ status: 200, text: payload })
    }
  }),
)

it.live("ends a session for a packet that is none", () =>
  Effect.gen(function* () {
    const { poll, post, end } = yield* polling()
    expect(yield* post("abc")).toMatchObject({ status: 400, text: '{"code":3,"message":"Bad request"}' })
    expect(yield* end).toBe("parse error")
    expect(yield* poll).toMatchObject(unknownSession)
    expect(yield* post("4hello")).toMatchObject(unknownSession)
  }),
)

it.live("ends a session for a second poll at the same time, and answers both", () =>
  Effect.gen(function* () {
    const { poll, address, end } = yield* polling()
    const [first, second] = yield* Effect.all([poll, ask(`${address}&t=burst`)], { concurrency: 2 })
    const answers = [first, second].sort((one, other) => one.status - other.status)
    expect(answers).toMatchObject([
      { status: 200, text: "1" },
      { status: 400, text: "" },
    ])
    expect(yield* end).toBe("transport error")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("ends the session of a client that goes away in the middle of a poll", () =>
  Effect.gen(function* () {
    const { poll, sid, port, end } = yield* polling()
    const client = yield* rawClient(port)
    client.get(`/engine.io/?EIO=4&transport=polling&sid=${sid}`)
    // By the time a later request is answered the server has seen this one.
    yield* ask(`http://127.0.0.1:${port}/`)
    client.breakOff()
    expect(yield* end).toBe("transport error")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("ends the session of a client that goes away in the middle of a post", () =>
  Effect.gen(function* () {
    const { sid, port, end } = yield* polling()
    const client = yield* rawClient(port)
    client.send(
      `POST /engine.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n4he`,
    )
    yield* ask(`http://127.0.0.1:${port}/`)
    client.breakOff()
    expect(yield* end).toBe("transport error")
  }),
)

it.live("keeps a session whose connections are closed after each answer, and says that they are", () =>
  Effect.gen(function* () {
    const { address, post } = yield* polling()
    for (const round of ["4one", "4two", "4three"]) {
      const close = { connection: "close" }
      expect((yield* post(round, close)).headers.get("connection")).toBe("close")
      expect(yield* ask(address, { headers: close })).toMatchObject({ status: 200, text: round })
    }
  }),
)

it.live("refuses what is too large, however its length is told, and keeps the session", () =>
  Effect.gen(function* () {
    const { poll, post, address } = yield* polling()
    const large = `4${"x".repeat(1_000_000)}`
    expect(yield* post(large)).toMatchObject({ status: 413, text: "" })
    const body = new Blob([large]).stream()
    expect(yield* ask(address, { method: "POST", body })).toMatchObject({ status: 413, text: "" })
    expect((yield* post(large.slice(1))).status).toBe(400)
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("ends a session for bytes, and for two posts at once", () =>
  Effect.gen(function* () {
    const bytes = yield* polling()
    const sent = yield* bytes.post("4hello", { "content-type": "application/octet-stream" })
    expect(sent).toMatchObject({ status: 400, text: "" })
    expect(yield* bytes.end).toBe("transport error")
    const { sid, port, post, end } = yield* polling()
    const slow = yield* rawClient(port)
    slow.send(
      `POST /engine.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n4he`,
    )
    yield* ask(`http://127.0.0.1:${port}/`)
    expect(yield* post("4hello")).toMatchObject({ status: 400, text: "" })
    expect(yield* end).toBe("transport error")
  }),
)

it.live("refuses other methods, another version and another transport on a session, which lives on", () =>
  Effect.gen(function* () {
    const { poll, post, address } = yield* polling()
    const badRequest = { status: 400, text: '{"code":3,"message":"Bad request"}' }
    expect(yield* ask(address, { method: "PUT", body: "4hello" })).toMatchObject(badRequest)
    expect(yield* ask(address, { method: "DELETE" })).toMatchObject(badRequest)
    expect(yield* ask(address.replace("EIO=4", "EIO=3"))).toMatchObject(badRequest)
    expect(yield* ask(address.replace("polling", "websocket"))).toMatchObject(badRequest)
    yield* post("4hello")
    expect(yield* poll).toMatchObject({ status: 200, text: "4hello" })
  }),
)

it.live("asks whether the client is there, and goes on while it says so", () =>
  Effect.gen(function* () {
    const { poll, post } = yield* polling({ pingInterval: 50, pingTimeout: 5000 })
    for (const _ of [1, 2, 3]) {
      expect(yield* poll).toMatchObject({ status: 200, text: "2" })
      expect((yield* post("3")).status).toBe(200)
    }
  }),
)

it.live("ends the session of a client that does not say so, and answers the poll that waits", () =>
  Effect.gen(function* () {
    const { poll, post, end } = yield* polling({ pingInterval: 50, pingTimeout: 50 })
    expect((yield* poll).text).toBe("2")
    expect(yield* poll).toMatchObject({ status: 200, text: "1" })
    expect(yield* end).toBe("ping timeout")
    expect(yield* poll).toMatchObject(unknownSession)
    expect(yield* post("3")).toMatchObject(unknownSession)
  }),
)

it.live("ends the session of a client that never polls", () =>
  Effect.gen(function* () {
    const { poll, end } = yield* polling({ pingInterval: 50, pingTimeout: 50 })
    expect(yield* end).toBe("ping timeout")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("ends a session when the client says so, and answers the poll that waits", () =>
  Effect.gen(function* () {
    const { poll, post, sid, port, end } = yield* polling()
    const waiting = yield* rawClient(port)
    waiting.get(`/engine.io/?EIO=4&transport=polling&sid=${sid}`)
    yield* ask(`http://127.0.0.1:${port}/`)
    expect(yield* post("1")).toMatchObject({ status: 200, text: "ok" })
    expect(yield* end).toBe("transport close")
    yield* waiting.until(({ text }) => text.endsWith("\r\n\r\n6"))
    expect(waiting.text).toStartWith("HTTP/1.1 200 ")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("knows no session that it did not make", () =>
  Effect.gen(function* () {
    const server = yield* servingEngine()
    for (const sid of ["unknown", "__proto__", "constructor"])
      expect(yield* ask(server.polling(sid))).toMatchObject(unknownSession)
  }),
)
