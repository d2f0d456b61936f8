import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { connectTcp } from "../bun-http/RawClient"
import { openPolling, request, serveEngine } from "./testServer"

// The long-polling cases of the protocol's own test suite, with the reference server's responses.

const unknownSession = { status: 400, text: '{"code":1,"message":"Session ID unknown"}' }

/** Opens a long-polling session with functions to poll and post. */
const openSession = (options: Parameters<typeof serveEngine>[0] = {}) =>
  Effect.gen(function* () {
    const server = yield* serveEngine(options)
    const sid = yield* openPolling(server.polling())
    const sessionUrl = server.polling(sid)
    const post = (body: string, headers: Record<string, string> = {}) =>
      request(sessionUrl, { method: "POST", body, headers })
    return { ...server, sid, sessionUrl, poll: request(sessionUrl), post }
  })

it.live("sends and receives single, multiple and binary packets", () =>
  Effect.gen(function* () {
    const { poll, post } = yield* openSession()
    for (const payload of ["4hello", "4test1\x1e4test2\x1e4test3", "4hello\x1ebAQIDBA==", "4żółw🐢"]) {
      expect(yield* post(payload)).toMatchObject({ status: 200, text: "ok" })
      expect(yield* poll).toMatchObject({ status: 200, text: payload })
    }
  }),
)

it.live("closes a session on an invalid packet", () =>
  Effect.gen(function* () {
    const { poll, post, closeReason } = yield* openSession()
    expect(yield* post("abc")).toMatchObject({ status: 400, text: '{"code":3,"message":"Bad request"}' })
    expect(yield* closeReason).toBe("parse error")
    expect(yield* poll).toMatchObject(unknownSession)
    expect(yield* post("4hello")).toMatchObject(unknownSession)
  }),
)

it.live("closes a session on concurrent polls and answers both", () =>
  Effect.gen(function* () {
    const { poll, sessionUrl, closeReason } = yield* openSession()
    const [first, second] = yield* Effect.all([poll, request(`${sessionUrl}&t=burst`)], { concurrency: 2 })
    const answers = [first, second].sort((one, other) => one.status - other.status)
    expect(answers).toMatchObject([
      { status: 200, text: "1" },
      { status: 400, text: "" },
    ])
    expect(yield* closeReason).toBe("transport error")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("closes the session of a client that disconnects during a poll", () =>
  Effect.gen(function* () {
    const { poll, sid, port, closeReason } = yield* openSession()
    const client = yield* connectTcp(port)
    client.get(`/engine.io/?EIO=4&transport=polling&sid=${sid}`)
    // Once a later request is answered, the server has received this one.
    yield* request(`http://127.0.0.1:${port}/`)
    client.disconnect()
    expect(yield* closeReason).toBe("transport error")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("closes the session of a client that disconnects during a post", () =>
  Effect.gen(function* () {
    const { sid, port, closeReason } = yield* openSession()
    const client = yield* connectTcp(port)
    client.send(
      `POST /engine.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n4he`,
    )
    yield* request(`http://127.0.0.1:${port}/`)
    client.disconnect()
    expect(yield* closeReason).toBe("transport error")
  }),
)

it.live("keeps a session whose client sends Connection: close, and repeats the header in responses", () =>
  Effect.gen(function* () {
    const { sessionUrl, post } = yield* openSession()
    for (const round of ["4one", "4two", "4three"]) {
      const close = { connection: "close" }
      expect((yield* post(round, close)).headers.get("connection")).toBe("close")
      expect(yield* request(sessionUrl, { headers: close })).toMatchObject({ status: 200, text: round })
    }
  }),
)

it.live("rejects a too large body with or without Content-Length, and keeps the session", () =>
  Effect.gen(function* () {
    const { poll, post, sessionUrl } = yield* openSession()
    const large = `4${"x".repeat(1_000_000)}`
    expect(yield* post(large)).toMatchObject({ status: 413, text: "" })
    const body = new Blob([large]).stream()
    expect(yield* request(sessionUrl, { method: "POST", body })).toMatchObject({ status: 413, text: "" })
    expect((yield* post(large.slice(1))).status).toBe(400)
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("closes a session on a binary body and on concurrent posts", () =>
  Effect.gen(function* () {
    const bytes = yield* openSession()
    const sent = yield* bytes.post("4hello", { "content-type": "application/octet-stream" })
    expect(sent).toMatchObject({ status: 400, text: "" })
    expect(yield* bytes.closeReason).toBe("transport error")
    const { sid, port, post, closeReason } = yield* openSession()
    const slow = yield* connectTcp(port)
    slow.send(
      `POST /engine.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n4he`,
    )
    yield* request(`http://127.0.0.1:${port}/`)
    expect(yield* post("4hello")).toMatchObject({ status: 400, text: "" })
    expect(yield* closeReason).toBe("transport error")
  }),
)

it.live("rejects other methods, versions and transports without closing the session", () =>
  Effect.gen(function* () {
    const { poll, post, sessionUrl } = yield* openSession()
    const badRequest = { status: 400, text: '{"code":3,"message":"Bad request"}' }
    expect(yield* request(sessionUrl, { method: "PUT", body: "4hello" })).toMatchObject(badRequest)
    expect(yield* request(sessionUrl, { method: "DELETE" })).toMatchObject(badRequest)
    expect(yield* request(sessionUrl.replace("EIO=4", "EIO=3"))).toMatchObject(badRequest)
    expect(yield* request(sessionUrl.replace("polling", "websocket"))).toMatchObject(badRequest)
    yield* post("4hello")
    expect(yield* poll).toMatchObject({ status: 200, text: "4hello" })
  }),
)

it.live("keeps a polling session open while it answers pings", () =>
  Effect.gen(function* () {
    const { poll, post } = yield* openSession({ pingInterval: 50, pingTimeout: 5000 })
    for (const _ of [1, 2, 3]) {
      expect(yield* poll).toMatchObject({ status: 200, text: "2" })
      expect((yield* post("3")).status).toBe(200)
    }
  }),
)

it.live("closes a session that does not answer a ping, and answers its pending poll", () =>
  Effect.gen(function* () {
    const { poll, post, closeReason } = yield* openSession({ pingInterval: 50, pingTimeout: 50 })
    expect((yield* poll).text).toBe("2")
    expect(yield* poll).toMatchObject({ status: 200, text: "1" })
    expect(yield* closeReason).toBe("ping timeout")
    expect(yield* poll).toMatchObject(unknownSession)
    expect(yield* post("3")).toMatchObject(unknownSession)
  }),
)

it.live("closes the session of a client that never polls after the ping timeout", () =>
  Effect.gen(function* () {
    const { poll, closeReason } = yield* openSession({ pingInterval: 50, pingTimeout: 50 })
    expect(yield* closeReason).toBe("ping timeout")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("closes a session on a close packet, and answers its pending poll", () =>
  Effect.gen(function* () {
    const { poll, post, sid, port, closeReason } = yield* openSession()
    const waiting = yield* connectTcp(port)
    waiting.get(`/engine.io/?EIO=4&transport=polling&sid=${sid}`)
    yield* request(`http://127.0.0.1:${port}/`)
    expect(yield* post("1")).toMatchObject({ status: 200, text: "ok" })
    expect(yield* closeReason).toBe("transport close")
    yield* waiting.until(({ text }) => text.endsWith("\r\n\r\n6"))
    expect(waiting.text).toStartWith("HTTP/1.1 200 ")
    expect(yield* poll).toMatchObject(unknownSession)
  }),
)

it.live("rejects session ids that it did not create", () =>
  Effect.gen(function* () {
    const server = yield* serveEngine()
    for (const sid of ["unknown", "__proto__", "constructor"])
      expect(yield* request(server.polling(sid))).toMatchObject(unknownSession)
  }),
)
