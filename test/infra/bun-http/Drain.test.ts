import { expect } from "bun:test"
import { type HttpApp, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Deferred, Duration, Effect, Either, Exit, Fiber, Scope, Stream } from "effect"
import { it } from "../../support/it"
import { connectTcp } from "./RawClient"
import { serveApp } from "./testServer"

/** Serves in a separate scope; `close` starts closing it and returns the fiber. */
const serveClosable = (app: HttpApp.Default<unknown>, options: Parameters<typeof serveApp>[1] = {}) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const port = yield* Scope.extend(serveApp(app, options), scope)
    return { port, close: Effect.fork(Scope.close(scope, Exit.void)) }
  })

/** Makes a handler that responds once `release` succeeds. */
const makeWaitingHandler = Effect.gen(function* () {
  const started = yield* Deferred.make<void>()
  const release = yield* Deferred.make<void>()
  const handler = Effect.gen(function* () {
    yield* Deferred.succeed(started, undefined)
    yield* Deferred.await(release)
    return HttpServerResponse.text("finished")
  })
  return { started, release, handler }
})

it.live("lets a response in flight finish while it accepts no new connection", () =>
  Effect.gen(function* () {
    const { started, release, handler } = yield* makeWaitingHandler
    const closing = yield* Deferred.make<void>()
    const { port, close } = yield* serveClosable(HttpRouter.empty.pipe(HttpRouter.get("/", handler)), {
      beforeClose: Deferred.succeed(closing, undefined),
    })
    const idle = yield* connectTcp(port)
    idle.get("/nothing")
    yield* idle.until(({ text }) => text.includes("404"))
    const busy = yield* connectTcp(port)
    busy.get("/")
    yield* Deferred.await(started)
    const closed = yield* close
    yield* Deferred.await(closing)
    expect(Either.isLeft(yield* Effect.either(connectTcp(port)))).toBe(true)
    yield* idle.awaitClose
    expect(busy.text).toBe("")
    yield* Deferred.succeed(release, undefined)
    yield* Fiber.join(closed)
    yield* busy.awaitClose
    expect(busy.text).toEndWith("finished")
  }),
)

it.live("answers 503 to a request that was incomplete when the shutdown started", () =>
  Effect.gen(function* () {
    const { started, release, handler } = yield* makeWaitingHandler
    const closing = yield* Deferred.make<void>()
    const { port, close } = yield* serveClosable(HttpRouter.empty.pipe(HttpRouter.get("/", handler)), {
      beforeClose: Deferred.succeed(closing, undefined),
    })
    const busy = yield* connectTcp(port)
    busy.get("/")
    yield* Deferred.await(started)
    const late = yield* connectTcp(port)
    late.send("GET / HTTP/1.1\r\nHo")
    // Once a later request is answered, the server has received the start of this one.
    const probe = yield* connectTcp(port)
    probe.get("/nothing")
    yield* probe.until(({ text }) => text.includes("404"))
    const closed = yield* close
    yield* Deferred.await(closing)
    late.send("st: test\r\n\r\n")
    yield* late.awaitClose
    expect(late.text).toStartWith("HTTP/1.1 503 ")
    expect(late.text.toLowerCase()).toContain("connection: close")
    yield* Deferred.succeed(release, undefined)
    yield* Fiber.join(closed)
  }),
)

it.live("runs beforeClose while streams are open, and waits for their end", () =>
  Effect.gen(function* () {
    const stop = yield* Deferred.make<void>()
    const events = Stream.concat(
      Stream.make("first "),
      Stream.fromEffect(Effect.as(Deferred.await(stop), "last")),
    ).pipe(Stream.encodeText)
    const { port, close } = yield* serveClosable(
      HttpRouter.empty.pipe(HttpRouter.get("/", HttpServerResponse.stream(events))),
      { beforeClose: Deferred.succeed(stop, undefined) },
    )
    const reader = yield* connectTcp(port)
    reader.get("/")
    yield* reader.until(({ text }) => text.includes("first "))
    yield* Fiber.join(yield* close)
    yield* reader.awaitClose
    expect(reader.text).toMatch(/first .*last\r\n0\r\n\r\n$/s)
  }),
)

it.live("drains when the serving fiber is interrupted", () =>
  Effect.gen(function* () {
    const { started, release, handler } = yield* makeWaitingHandler
    const listening = yield* Deferred.make<number>()
    const serve = serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", handler)), {
      beforeClose: Deferred.succeed(release, undefined),
    })
    const main = yield* serve.pipe(
      Effect.tap((port) => Deferred.succeed(listening, port)),
      Effect.zipRight(Effect.never),
      Effect.scoped,
      Effect.fork,
    )
    const reader = yield* connectTcp(yield* Deferred.await(listening))
    reader.get("/")
    yield* Deferred.await(started)
    yield* Fiber.interrupt(main)
    yield* reader.awaitClose
    expect(reader.text).toEndWith("finished")
  }),
)

it.live("aborts requests that exceed the drain timeout and releases their resources", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const record = (name: string) => Effect.sync(() => order.push(name))
    const hanging = Effect.zipRight(
      Effect.addFinalizer(() => record("handler")),
      Effect.never,
    )
    const endless = HttpServerResponse.stream(
      Stream.concat(Stream.make(new Uint8Array([120])), Stream.never).pipe(Stream.ensuring(record("stream"))),
    )
    const { port, close } = yield* serveClosable(
      HttpRouter.empty.pipe(HttpRouter.get("/hanging", hanging), HttpRouter.get("/endless", endless)),
      { drainTimeout: Duration.millis(50), beforeClose: Effect.never },
    )
    const waiting = yield* connectTcp(port)
    waiting.get("/hanging")
    const reading = yield* connectTcp(port)
    reading.get("/endless")
    yield* reading.until(({ text }) => text.endsWith("x\r\n"))
    yield* Fiber.join(yield* close)
    yield* Effect.all([waiting.awaitClose, reading.awaitClose])
    expect(order.sort()).toEqual(["handler", "stream"])
  }),
)

it.live("closes WebSockets with 1012, which ends their handlers", () =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<Exit.Exit<void, unknown>>()
    const opened = yield* Deferred.make<void>()
    const app = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const socket = yield* request.upgrade
      const exit = yield* Effect.exit(
        socket.runRaw(() => {}, { onOpen: Deferred.succeed(opened, undefined) }),
      )
      yield* Deferred.succeed(ended, exit)
      return HttpServerResponse.empty()
    })
    const { port, close } = yield* serveClosable(HttpRouter.empty.pipe(HttpRouter.get("/", app)))
    const client = new WebSocket(`ws://127.0.0.1:${port}/`)
    const code = new Promise<number>((resolve) =>
      client.addEventListener("close", (event) => resolve(event.code)),
    )
    yield* Deferred.await(opened)
    yield* Fiber.join(yield* close)
    expect(yield* Effect.promise(() => code)).toBe(1012)
    expect(Exit.isExit(yield* Deferred.await(ended))).toBe(true)
  }),
)
