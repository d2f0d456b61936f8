import http from "node:http"
import { FileSystem, HttpIncomingMessage, HttpServer, HttpServerError } from "@effect/platform"
import type { Server, ServerWebSocket } from "bun"
import { Duration, Effect, Fiber, FiberRef, Layer, Option, Runtime } from "effect"
import { ListenFailed } from "./ListenFailed"
import { pathAndQuery } from "./Path"
import { PendingResponse } from "./PendingResponse"
import { defaultBodyTimeout } from "./RequestBody"
import { makeRequestHandler, type RequestHandler } from "./RequestHandler"
import { isTracingEnabled, withRequestSpan } from "./Tracing"
import type { UpgradeHandler } from "./UpgradeHandler"
import { bunWebSocketHandler } from "./WebSocket"
import type { WebSocketHandler } from "./WebSocketHandler"

interface Options {
  /** 0 picks any free port; `HttpServer.address` holds the one in use. */
  readonly port: number
  readonly hostname: string
  /** Default limit of a request body in bytes; `HttpServerRequest.withMaxBodySize` overrides it per route. */
  readonly maxRequestBodySize: number
  /** How long a body may take, or 16 KiB of a larger one; 30 seconds by default. */
  readonly bodyTimeout?: Duration.DurationInput
  /** How long a connection stays open after a response that is no stream; 2 minutes by default. */
  readonly keepAliveTimeout?: Duration.DurationInput
  /** How long a shutdown waits for responses in flight. */
  readonly drainTimeout: Duration.DurationInput
  /** Runs during shutdown: after the server stops accepting requests, before it aborts any. */
  readonly beforeClose?: Effect.Effect<unknown>
  readonly upgradeHandler?: UpgradeHandler | undefined
  /**
   * Builds the response where no app can: 503 before the app is served and during shutdown; 500
   * after an exception outside the app, after which the request may be unknown.
   */
  readonly fallbackResponse?: (status: 500 | 503, source?: Request) => Response
}

/** Limit of the request line and headers in bytes; fits a percent-encoded prompt of 100,000 characters in the URL. */
const maxHeaderSize = 2 * 1_048_576

/** Close code 1012 (RFC 6455 registry): the server is restarting. */
const WS_SERVICE_RESTART = 1012

const emptyResponse = (status: number) => new Response(null, { status })

/** Dispatches requests and tracks those in flight, so that a shutdown can drain or abort them. */
class ConnectionTracker {
  /** Undefined before an app is served and from the start of the shutdown. */
  handler: RequestHandler | undefined
  readonly sockets = new Set<ServerWebSocket<WebSocketHandler>>()
  private readonly fibers = new Set<Fiber.RuntimeFiber<void>>()
  private inFlight = 0
  private readonly idle = Effect.unsafeMakeLatch(true)

  constructor(
    private readonly upgradeHandler: UpgradeHandler | undefined,
    private readonly fallbackResponse: (status: 500 | 503, source?: Request) => Response,
    private readonly bodyTimeout: number,
    private readonly keepAliveTimeout: number,
  ) {}

  private readonly unavailable = (source: Request): Response => {
    const response = this.fallbackResponse(503, source)
    response.headers.set("connection", "close")
    response.headers.set("retry-after", "1")
    return response
  }

  readonly onDone = (): void => {
    this.inFlight--
    if (this.inFlight === 0) this.idle.unsafeOpen()
  }

  readonly fetch = (
    source: Request,
    server: Server<WebSocketHandler>,
  ): Response | Promise<Response | undefined> | undefined => {
    if (this.handler === undefined) return this.unavailable(source)
    if (this.upgradeHandler?.matches(pathAndQuery(source.url))) {
      // Longer than it ever waits before it responds.
      server.timeout(source, this.keepAliveTimeout)
      return this.upgradeHandler.handle(source, server)
    }
    if (this.inFlight === 0) this.idle.unsafeClose()
    this.inFlight++
    const pending = new PendingResponse(source, server, this.bodyTimeout, this.keepAliveTimeout)
    const fiber = this.handler(pending)
    if (pending.response !== undefined) return pending.response
    this.fibers.add(fiber)
    const onAbort = () => {
      if (!pending.upgraded) fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
    }
    fiber.addObserver(() => {
      this.fibers.delete(fiber)
      // The signal lives as long as the WebSocket, and would keep everything that the request needed.
      if (pending.upgraded) source.signal.removeEventListener("abort", onAbort)
    })
    if (pending.upgraded) return undefined
    source.signal.addEventListener("abort", onAbort, { once: true })
    return pending.promise()
  }

  /** Interrupts the requests in flight and waits until their resources are released. */
  readonly abortInFlight = Effect.suspend(() => {
    for (const fiber of this.fibers) fiber.unsafeInterruptAsFork(fiber.id())
    return this.idle.await
  })
}

/**
 * Makes an HttpServer on `Bun.serve` for one app, which is served once. When the app's scope closes
 * the server drains: it accepts no new connections, answers 503 on open ones, runs `beforeClose`,
 * closes WebSockets with 1012 and lets responses in flight, streams included, finish; after
 * `drainTimeout` it closes the rest. Fails with ListenFailed if it cannot listen on the address.
 */
const make = ({
  port,
  hostname,
  maxRequestBodySize,
  bodyTimeout = defaultBodyTimeout,
  keepAliveTimeout = "2 minutes",
  drainTimeout,
  beforeClose = Effect.void,
  upgradeHandler,
  fallbackResponse = emptyResponse,
}: Options) =>
  Effect.gen(function* () {
    const connections = new ConnectionTracker(
      upgradeHandler,
      fallbackResponse,
      Duration.toMillis(bodyTimeout),
      Duration.toSeconds(keepAliveTimeout),
    )
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    const internalError = (cause: unknown, source?: Request) => {
      runFork(Effect.logError("Unhandled error", cause))
      return fallbackResponse(500, source)
    }
    // Bun.serve reads its header limit from node:http: a percent-encoded prompt may be part of the URL.
    Object.assign(http, { maxHeaderSize })
    const listen = Effect.try({
      try: () =>
        Bun.serve<WebSocketHandler>({
          port,
          hostname,
          fetch: (source, server) => {
            try {
              return connections.fetch(source, server)
            } catch (cause) {
              return internalError(cause, source)
            }
          },
          error: (cause) => internalError(cause),
          websocket: bunWebSocketHandler(connections.sockets, upgradeHandler?.maxMessageSize),
          // A stream may be silent for any length of time; PendingResponse sets the timeout of other responses.
          idleTimeout: 0,
          // Bun would send a response body of its own; RequestBody enforces the limit while reading.
          maxRequestBodySize: Number.MAX_SAFE_INTEGER,
          development: false,
          // Bun's default outside development lets a second server listen on the same port.
          reusePort: false,
        }),
      catch: (cause) => new ListenFailed({ port, hostname, cause }),
    })
    const server = yield* Effect.acquireRelease(listen, (server) => Effect.promise(() => server.stop(true)))

    const drain = Effect.gen(function* () {
      connections.handler = undefined
      const closed = server.stop()
      yield* beforeClose
      for (const ws of connections.sockets) ws.close(WS_SERVICE_RESTART, "The server is restarting")
      yield* Effect.promise(() => closed)
    })
    const shutdown = Effect.gen(function* () {
      // Drains in a separate fiber: if an interruption closes the scope, this fiber would not wait
      // for anything interruptible.
      const draining = yield* Effect.forkDaemon(
        drain.pipe(Effect.disconnect, Effect.timeoutOption(drainTimeout), Effect.interruptible),
      )
      yield* Fiber.await(draining)
      yield* Effect.promise(() => server.stop(true))
      yield* connections.abortInFlight
    })

    return HttpServer.make({
      address: { _tag: "TcpAddress", port: server.port ?? port, hostname: server.hostname ?? hostname },
      serve: (app, middleware) =>
        Effect.gen(function* () {
          const tracing = yield* isTracingEnabled
          const runtime = yield* Effect.runtime<never>().pipe(
            Effect.provideService(
              HttpIncomingMessage.MaxBodySize,
              Option.some(FileSystem.Size(maxRequestBodySize)),
            ),
            Effect.locally(FiberRef.currentTracerEnabled, tracing),
          )
          const appWithMiddleware = middleware === undefined ? app : middleware(app)
          connections.handler = makeRequestHandler(
            tracing ? withRequestSpan(appWithMiddleware) : appWithMiddleware,
            runtime,
            connections.onDone,
          )
          yield* Effect.addFinalizer(() => shutdown)
        }),
    })
  })

/** Provides the HTTP server; see `make` for its shutdown. */
export const layer = (options: Options) => Layer.scoped(HttpServer.HttpServer, make(options))
