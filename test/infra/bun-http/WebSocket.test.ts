import { expect } from "bun:test"
import { HttpServerRequest, HttpServerResponse, Socket } from "@effect/platform"
import { Cause, Deferred, Effect, Exit, Fiber } from "effect"
import { it } from "../../support/it"
import { connectWebSocket, echo, serveSocket } from "./socketClient"
import { fetchText, serveApp } from "./testServer"

it.live("sends and receives text and binary messages over a WebSocket", () =>
  Effect.gen(function* () {
    const { port, ended } = yield* serveSocket(echo)
    const { ws, next, closed } = yield* connectWebSocket(port)
    const text = next()
    ws.send("grüße")
    expect(yield* Effect.promise(() => text)).toBe("grüße")
    const bytes = next()
    ws.send(new Uint8Array([0, 255]))
    expect(yield* Effect.promise(() => bytes)).toEqual(new Uint8Array([0, 255]).buffer)
    const empty = next()
    ws.send("")
    expect(yield* Effect.promise(() => empty)).toBe("")
    ws.close(1000)
    expect((yield* Effect.promise(() => closed)).code).toBe(1000)
    expect(Exit.isSuccess(yield* ended)).toBe(true)
  }),
)

it.live("fails a WebSocket handler with the client's close code and reason", () =>
  Effect.gen(function* () {
    const { port, ended } = yield* serveSocket(echo)
    const { ws } = yield* connectWebSocket(port)
    ws.close(4001, "client closed")
    const exit = yield* ended
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toMatchObject({ reason: "Close", code: 4001, closeReason: "client closed" })
  }),
)

it.live("closes a WebSocket with the code of its handler, and with 1011 when that fails", () =>
  Effect.gen(function* () {
    const closing = yield* serveSocket((socket) =>
      Effect.scoped(
        Effect.flatMap(socket.writer, (write) =>
          socket.runRaw(() => write(new Socket.CloseEvent(4002, "enough"))),
        ),
      ),
    )
    const first = yield* connectWebSocket(closing.port)
    first.ws.send("hello")
    expect(yield* Effect.promise(() => first.closed)).toMatchObject({ code: 4002, reason: "enough" })
    const failing = yield* serveSocket((socket) => socket.runRaw(() => Effect.fail("no")))
    const second = yield* connectWebSocket(failing.port)
    second.ws.send("hello")
    expect((yield* Effect.promise(() => second.closed)).code).toBe(1011)
    expect(yield* failing.ended).toEqual(Exit.fail("no"))
  }),
)

it.live("closes a WebSocket whose handler ends without reading", () =>
  Effect.gen(function* () {
    const { port } = yield* serveSocket(() => Effect.void)
    const { closed } = yield* connectWebSocket(port)
    expect((yield* Effect.promise(() => closed)).code).toBe(1000)
  }),
)

it.live("delivers messages sent before the handler reads, in order", () =>
  Effect.gen(function* () {
    const listen = yield* Deferred.make<void>()
    const received: Array<unknown> = []
    const { port, ended } = yield* serveSocket((socket) =>
      Effect.zipRight(
        Deferred.await(listen),
        socket.runRaw((message) => {
          received.push(message)
        }),
      ),
    )
    const { ws } = yield* connectWebSocket(port)
    for (const message of ["1", "2", "3"]) ws.send(message)
    yield* fetchText(port, "/nothing")
    yield* Deferred.succeed(listen, undefined)
    ws.close(1000)
    yield* ended
    expect(received).toEqual(["1", "2", "3"])
  }),
)

it.live("fails a write to a closed WebSocket", () =>
  Effect.gen(function* () {
    const writeResult = yield* Deferred.make<void, Socket.SocketError>()
    const { port, ended } = yield* serveSocket((socket) =>
      Effect.gen(function* () {
        const write = yield* socket.writer
        yield* Effect.exit(socket.runRaw(() => {}))
        yield* Deferred.complete(writeResult, write("late message"))
      }).pipe(Effect.scoped),
    )
    const { ws } = yield* connectWebSocket(port)
    ws.close(4003)
    yield* ended
    const error = yield* Effect.flip(Deferred.await(writeResult))
    expect(error).toMatchObject({ reason: "Close", code: 4003 })
  }),
)

it.live("fails to upgrade a plain request with a RequestError", () =>
  Effect.gen(function* () {
    const handler = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.match(request.upgrade, {
        onSuccess: () => HttpServerResponse.empty(),
        onFailure: ({ _tag }) => HttpServerResponse.text(_tag, { status: 426 }),
      }),
    )
    const { response, text } = yield* fetchText(yield* serveApp(handler), "/")
    expect([response.status, text]).toEqual([426, "RequestError"])
  }),
)

it.live("keeps other WebSockets open when some clients disconnect", () =>
  Effect.gen(function* () {
    const { port } = yield* serveSocket(echo)
    const others = yield* Effect.all(
      Array.from({ length: 20 }, () => connectWebSocket(port)),
      { concurrency: "unbounded" },
    )
    const leaving = others.slice(10)
    for (const { ws } of leaving) ws.close()
    yield* Effect.promise(() => Promise.all(leaving.map(({ closed }) => closed)))
    const answers = others.slice(0, 10).map(({ next }) => next())
    for (const { ws } of others.slice(0, 10)) ws.send("still here")
    const received = yield* Fiber.join(yield* Effect.fork(Effect.promise(() => Promise.all(answers))))
    expect(received).toEqual(Array(10).fill("still here"))
  }),
)
