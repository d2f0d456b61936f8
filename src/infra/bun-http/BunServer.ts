import http from "node:http"
import { FileSystem, HttpIncomingMessage, HttpServer, HttpServerError } from "@effect/platform"
import type { Server, ServerWebSocket } from "bun"
import { type Duration, Effect, Fiber, FiberRef, Layer, Option, Runtime } from "effect"
import { CannotListen } from "./ListenFailed"
import { pathOf } from "./Path"
import { Exchange } from "./PendingResponse"
import { makeRunner, type Runner } from "./RequestHandler"
import { isTraced, traced } from "./Tracing"
import type { Neighbour } from "./UpgradeHandler"
import { websocketHandler } from "./WebSocket"
import type { Peer } from "./WebSocketHandler"

interface Options {
  /** 0 for any that is free; `HttpServer.address` says which. */
  readonly port: number
  readonly hostname: string
  /** What a body may hold, in bytes, where `HttpServerRequest.withMaxBodySize` says nothing else. */
  readonly maxRequestBodySize: number
  /** How long the server waits, at its end, for what is being answered. */
  readonly drainTimeout: Duration.DurationInput
  /** Run at the server's end, when it takes no more requests and has not cut any off yet. */
  readonly beforeClose?: Effect.Effect<unknown>
  readonly neighbour?: Neighbour | undefined
  /**
   * What is answered where there is no app to do it: 503 before it is there and once the server
   * ends; 500 after a bug beside it, when nobody knows any more to which request.
   */
  readonly refuse?: (status: 500 | 503, source?: Request) => Response
}

/** The most that an address and its headers may take, in bytes: a prompt of 100,000 characters, percent-encoded. */
const maxHeaderSize = 2 * 1_048_576

/** The close code of a server that is about to be started again. */
const restarting = 1012

const bare = (status: number) => new Response(null, { status })

/** What goes on in a server. */
class Traffic {
  /** Answers requests; absent before there is an app, and from the moment the server ends. */
  run: Runner | undefined
  readonly sockets = new Set<ServerWebSocket<Peer>>()
  private readonly running = new Set<Fiber.RuntimeFiber<void>>()
  private inFlight = 0
  private readonly idle = Effect.unsafeMakeLatch(true)

  constructor(
    private readonly neighbour: Neighbour | undefined,
    private readonly refuse: (status: 500 | 503, source?: Request) => Response,
  ) {}

  private readonly unavailable = (source: Request): Response => {
    const response = this.refuse(503, source)
    response.headers.set("connection", "close")
    response.headers.set("retry-after", "1")
    return response
  }

  readonly ended = (): void => {
    this.inFlight--
    if (this.inFlight === 0) this.idle.unsafeOpen()
  }

  readonly answer = (
    source: Request,
    server: Server<Peer>,
  ): Response | Promise<Response | undefined> | undefined => {
    if (this.run === undefined) return this.unavailable(source)
    if (this.neighbour?.owns(pathOf(source.url))) return this.neighbour.answer(source, server)
    if (this.inFlight === 0) this.idle.unsafeClose()
    this.inFlight++
    const exchange = new Exchange(source, server)
    const fiber = this.run(exchange)
    if (exchange.answered !== undefined) return exchange.answered
    this.running.add(fiber)
    fiber.addObserver(() => this.running.delete(fiber))
    if (exchange.peer !== undefined) return undefined
    const leave = () => {
      if (exchange.peer === undefined) fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
    }
    source.signal.addEventListener("abort", leave, { once: true })
    return exchange.wait()
  }

  /** Cuts off what is still being answered, and waits for its resources to be given back. */
  readonly cutOff = Effect.suspend(() => {
    for (const fiber of this.running) fiber.unsafeInterruptAsFork(fiber.id())
    return this.idle.await
  })
}

/**
 * Serves an app on `Bun.serve`, as HttpServer.serve hands it over: one app, once. When the app's
 * scope closes the server drains: it accepts no more connections, answers 503 on those it has,
 * runs `beforeClose`, closes websockets with 1012, and lets answers that have begun, streams
 * too, come to their end; after `drainTimeout` it closes what is left. Fails if the address
 * cannot be listened on.
 */
const make = ({
  port,
  hostname,
  maxRequestBodySize,
  drainTimeout,
  beforeClose = Effect.void,
  neighbour,
  refuse = bare,
}: Options) =>
  Effect.gen(function* () {
    const traffic = new Traffic(neighbour, refuse)
    const report = Runtime.runFork(yield* Effect.runtime<never>())
    // Bun.serve goes by this: a prompt may be part of an address, percent-encoded.
    Object.assign(http, { maxHeaderSize })
    const listen = Effect.try({
      try: () =>
        Bun.serve<Peer>({
          port,
          hostname,
          fetch: traffic.answer,
          error: (cause) => {
            report(Effect.logError("A request died of a bug", cause))
            return refuse(500)
          },
          websocket: websocketHandler(traffic.sockets, neighbour?.maxMessageSize),
          // A stream may be quiet for as long as it likes.
          idleTimeout: 0,
          // Bun would answer in its own words; what is too large is refused while it is read.
          maxRequestBodySize: Number.MAX_SAFE_INTEGER,
          development: false,
          // Outside development Bun would let a second server listen on the same port.
          reusePort: false,
        }),
      catch: (cause) => new CannotListen({ port, hostname, cause }),
    })
    const server = yield* Effect.acquireRelease(listen, (server) => Effect.promise(() => server.stop(true)))

    const drain = Effect.gen(function* () {
      traffic.run = undefined
      const closed = server.stop()
      yield* beforeClose
      for (const ws of traffic.sockets) ws.close(restarting, "The server is restarting")
      yield* Effect.promise(() => closed)
    })
    const shut = Effect.gen(function* () {
      // In a fiber of its own: this one is being interrupted if that is why the scope closes, and
      // would not wait for anything that can be.
      const draining = yield* Effect.forkDaemon(
        drain.pipe(Effect.disconnect, Effect.timeoutOption(drainTimeout), Effect.interruptible),
      )
      yield* Fiber.await(draining)
      yield* Effect.promise(() => server.stop(true))
      yield* traffic.cutOff
    })

    return HttpServer.make({
      address: { _tag: "TcpAddress", port: server.port ?? port, hostname: server.hostname ?? hostname },
      serve: (app, middleware) =>
        Effect.gen(function* () {
          const tracing = yield* isTraced
          const runtime = yield* Effect.runtime<never>().pipe(
            Effect.provideService(
              HttpIncomingMessage.MaxBodySize,
              Option.some(FileSystem.Size(maxRequestBodySize)),
            ),
            Effect.locally(FiberRef.currentTracerEnabled, tracing),
          )
          const whole = middleware === undefined ? app : middleware(app)
          traffic.run = makeRunner(tracing ? traced(whole) : whole, runtime, traffic.ended)
          yield* Effect.addFinalizer(() => shut)
        }),
    })
  })

/** The server as a layer; see `make`. */
export const layer = (options: Options) => Layer.scoped(HttpServer.HttpServer, make(options))
