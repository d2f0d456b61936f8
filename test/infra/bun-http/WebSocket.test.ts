import { expect } from "bun:test"
import { HttpServerRequest, HttpServerResponse, Socket } from "@effect/platform"
import { Cause, Deferred, Effect, Exit, Fiber } from "effect"
import { it } from "../../support/it"
import { client, echo, servingSocket } from "./socketClient"
import { asking, serving } from "./testServer"

it.live("carries text and bytes both ways", () =>
  Effect.gen(function* () {
    const { port, ended } = yield* servingSocket(echo)
    const { ws, next, closed } = yield* client(port)
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

it.live("tells a handler the code with which the other side closed", () =>
  Effect.gen(function* () {
    const { port, ended } = yield* servingSocket(echo)
    const { ws } = yield* client(port)
    ws.close(4001, "tired")
    const exit = yield* ended
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toMatchObject({ reason: "Close", code: 4001, closeReason: "tired" })
  }),
)

it.live("closes with the code that a handler gives, and with 1011 when it fails", () =>
  Effect.gen(function* () {
    const closing = yield* servingSocket((socket) =>
      Effect.scoped(
        Effect.flatMap(socket.writer, (write) =>
          socket.runRaw(() => write(new Socket.CloseEvent(4002, "enough"))),
        ),
      ),
    )
    const first = yield* client(closing.port)
    first.ws.send("hello")
    expect(yield* Effect.promise(() => first.closed)).toMatchObject({ code: 4002, reason: "enough" })
    const failing = yield* servingSocket((socket) => socket.runRaw(() => Effect.fail("no")))
    const second = yield* client(failing.port)
    second.ws.send("hello")
    expect((yield* Effect.promise(() => second.closed)).code).toBe(1011)
    expect(yield* failing.ended).toEqual(Exit.fail("no"))
  }),
)

it.live("closes a websocket whose handler ends without having listened", () =>
  Effect.gen(function* () {
    const { port } = yield* servingSocket(() => Effect.void)
    const { closed } = yield* client(port)
    expect((yield* Effect.promise(() => closed)).code).toBe(1000)
  }),
)

it.live("keeps what is sent before the handler listens, in order", () =>
  Effect.gen(function* () {
    const listen = yield* Deferred.make<void>()
    const heard: Array<unknown> = []
    const { port, ended } = yield* servingSocket((socket) =>
      Effect.zipRight(
        Deferred.await(listen),
        socket.runRaw((message) => {
          heard.push(message)
        }),
      ),
    )
    const { ws } = yield* client(port)
    for (const message of ["1", "2", "3"]) ws.send(message)
    yield* asking(port, "/nothing")
    yield* Deferred.succeed(listen, undefined)
    ws.close(1000)
    yield* ended
    expect(heard).toEqual(["1", "2", "3"])
  }),
)

it.live("fails a write after the end", () =>
  Effect.gen(function* () {
    const wrote = yield* Deferred.make<void, Socket.SocketError>()
    const { port, ended } = yield* servingSocket((socket) =>
      Effect.gen(function* () {
        const write = yield* socket.writer
        yield* Effect.exit(socket.runRaw(() => {}))
        yield* Deferred.complete(wrote, write("too late"))
      }).pipe(Effect.scoped),
    )
    const { ws } = yield* client(port)
    ws.close(4003)
    yield* ended
    const error = yield* Effect.flip(Deferred.await(wrote))
    expect(error).toMatchObject({ reason: "Close", code: 4003 })
  }),
)

it.live("refuses to upgrade what is not asked to be, as an error of the request", () =>
  Effect.gen(function* () {
    const handler = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.match(request.upgrade, {
        onSuccess: () => HttpServerResponse.empty(),
        onFailure: ({ _tag }) => HttpServerResponse.text(_tag, { status: 426 }),
      }),
    )
    const { response, text } = yield* asking(yield* serving(handler), "/")
    expect([response.status, text]).toEqual([426, "RequestError"])
  }),
)

it.live("interrupts nothing else when one of many goes away", () =>
  Effect.gen(function* () {
    const { port } = yield* servingSocket(echo)
    const others = yield* Effect.all(
      Array.from({ length: 20 }, () => client(port)),
      { concurrency: "unbounded" },
    )
    const leaving = others.slice(10)
    for (const { ws } of leaving) ws.close()
    yield* Effect.promise(() => Promise.all(leaving.map(({ closed }) => closed)))
    const answers = others.slice(0, 10).map(({ next }) => next())
    for (const { ws } of others.slice(0, 10)) ws.send("still here")
    const heard = yield* Fiber.join(yield* Effect.fork(Effect.promise(() => Promise.all(answers))))
    expect(heard).toEqual(Array(10).fill("still here"))
  }),
)
