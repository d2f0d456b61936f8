import { expect } from "bun:test"
import { type HttpApp, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Deferred, Duration, Effect, Either, Exit, Fiber, Scope, Stream } from "effect"
import { it } from "../../support/it"
import { rawClient } from "./RawClient"
import { serving } from "./testServer"

/** Serves in a scope of its own; `close` begins to close it and gives back the fiber that does. */
const closable = (app: HttpApp.Default<unknown>, options: Parameters<typeof serving>[1] = {}) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const port = yield* Scope.extend(serving(app, options), scope)
    return { port, close: Effect.fork(Scope.close(scope, Exit.void)) }
  })

/** A handler that answers when it is told to. */
const told = Effect.gen(function* () {
  const began = yield* Deferred.make<void>()
  const go = yield* Deferred.make<void>()
  const handler = Effect.gen(function* () {
    yield* Deferred.succeed(began, undefined)
    yield* Deferred.await(go)
    return HttpServerResponse.text("finished")
  })
  return { began, go, handler }
})

it.live("lets an answer that has begun come to its end, and takes no new connection meanwhile", () =>
  Effect.gen(function* () {
    const { began, go, handler } = yield* told
    const closing = yield* Deferred.make<void>()
    const { port, close } = yield* closable(HttpRouter.empty.pipe(HttpRouter.get("/", handler)), {
      beforeClose: Deferred.succeed(closing, undefined),
    })
    const idle = yield* rawClient(port)
    idle.get("/nothing")
    yield* idle.until(({ text }) => text.includes("404"))
    const busy = yield* rawClient(port)
    busy.get("/")
    yield* Deferred.await(began)
    const closed = yield* close
    yield* Deferred.await(closing)
    expect(Either.isLeft(yield* Effect.either(rawClient(port)))).toBe(true)
    yield* idle.end
    expect(busy.text).toBe("")
    yield* Deferred.succeed(go, undefined)
    yield* Fiber.join(closed)
    yield* busy.end
    expect(busy.text).toEndWith("finished")
  }),
)

it.live("answers 503 to a request that was still arriving", () =>
  Effect.gen(function* () {
    const { began, go, handler } = yield* told
    const closing = yield* Deferred.make<void>()
    const { port, close } = yield* closable(HttpRouter.empty.pipe(HttpRouter.get("/", handler)), {
      beforeClose: Deferred.succeed(closing, undefined),
    })
    const busy = yield* rawClient(port)
    busy.get("/")
    yield* Deferred.await(began)
    const late = yield* rawClient(port)
    late.send("GET / HTTP/1.1\r\nHo")
    // By the time a later request is answered the server has seen this one begin.
    const probe = yield* rawClient(port)
    probe.get("/nothing")
    yield* probe.until(({ text }) => text.includes("404"))
    const closed = yield* close
    yield* Deferred.await(closing)
    late.send("st: test\r\n\r\n")
    yield* late.end
    expect(late.text).toStartWith("HTTP/1.1 503 ")
    expect(late.text.toLowerCase()).toContain("connection: close")
    yield* Deferred.succeed(go, undefined)
    yield* Fiber.join(closed)
  }),
)

it.live("runs beforeClose while streams still flow, and waits for their end", () =>
  Effect.gen(function* () {
    const stop = yield* Deferred.make<void>()
    const events = Stream.concat(
      Stream.make("first "),
      Stream.fromEffect(Effect.as(Deferred.await(stop), "last")),
    ).pipe(Stream.encodeText)
    const { port, close } = yield* closable(
      HttpRouter.empty.pipe(HttpRouter.get("/", HttpServerResponse.stream(events))),
      { beforeClose: Deferred.succeed(stop, undefined) },
    )
    const reader = yield* rawClient(port)
    reader.get("/")
    yield* reader.until(({ text }) => text.includes("first "))
    yield* Fiber.join(yield* close)
    yield* reader.end
    expect(reader.text).toMatch(/first .*last\r\n0\r\n\r\n$/s)
  }),
)

it.live("drains too when what serves is interrupted", () =>
  Effect.gen(function* () {
    const { began, go, handler } = yield* told
    const listening = yield* Deferred.make<number>()
    const serve = serving(HttpRouter.empty.pipe(HttpRouter.get("/", handler)), {
      beforeClose: Deferred.succeed(go, undefined),
    })
    const main = yield* serve.pipe(
      Effect.tap((port) => Deferred.succeed(listening, port)),
      Effect.zipRight(Effect.never),
      Effect.scoped,
      Effect.fork,
    )
    const reader = yield* rawClient(yield* Deferred.await(listening))
    reader.get("/")
    yield* Deferred.await(began)
    yield* Fiber.interrupt(main)
    yield* reader.end
    expect(reader.text).toEndWith("finished")
  }),
)

it.live("cuts off what does not end in time, and gives its resources back", () =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const note = (what: string) => Effect.sync(() => order.push(what))
    const hanging = Effect.zipRight(
      Effect.addFinalizer(() => note("handler")),
      Effect.never,
    )
    const endless = HttpServerResponse.stream(
      Stream.concat(Stream.make(new Uint8Array([120])), Stream.never).pipe(Stream.ensuring(note("stream"))),
    )
    const { port, close } = yield* closable(
      HttpRouter.empty.pipe(HttpRouter.get("/hanging", hanging), HttpRouter.get("/endless", endless)),
      { drainTimeout: Duration.millis(50), beforeClose: Effect.never },
    )
    const waiting = yield* rawClient(port)
    waiting.get("/hanging")
    const reading = yield* rawClient(port)
    reading.get("/endless")
    yield* reading.until(({ text }) => text.endsWith("x\r\n"))
    yield* Fiber.join(yield* close)
    yield* Effect.all([waiting.end, reading.end])
    expect(order.sort()).toEqual(["handler", "stream"])
  }),
)

it.live("closes websockets with 1012, and their handlers end by themselves", () =>
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
    const { port, close } = yield* closable(HttpRouter.empty.pipe(HttpRouter.get("/", app)))
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
