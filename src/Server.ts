import { HttpServer } from "@effect/platform"
import * as BunHttpServer from "@effect/platform-bun/BunHttpServer"
import { Config, Duration, Effect, Layer } from "effect"
import { logAdminSetupLink } from "./adminSetupLink"
import { Account } from "./api/Account/Contract"
import { ChatGptClone } from "./api/ChatGptClone/Contract"
import { ChatGuide } from "./api/ChatGuide/Contract"
import { Native } from "./api/Native/Contract"
import { PlexiChat } from "./api/PlexiChat/Contract"
import { errorBody as plexiChatErrorBody } from "./api/PlexiChat/Envelope"
import { RealMultiLlm } from "./api/RealMultiLlm/Contract"
import { UniChat } from "./api/UniChat/Contract"
import { layer as uniChatSocketLayer } from "./api/UniChat/Socket/SocketLayer"
import { bootstrapAdmin, bootstrapAdminConfig } from "./bootstrapAdmin"
import { Generations } from "./domain/generation/Generations"
import { drainTimeout, durationConfig, integerConfig, MAX_INT4 } from "./domain/shared/ConfigHelpers"
import { publicUrl } from "./domain/shared/PublicUrl"
import * as Metrics from "./http/metrics/Page"
import * as ProcessMetrics from "./http/metrics/Process"
import { corsOrigins } from "./http/middleware/Cors"
import { rateLimitConfig } from "./http/middleware/RateLimits"
import { maxBodyBytes } from "./http/middleware/RequestBody"
import { makeRouter } from "./http/middleware/Router"
import * as SessionRevocation from "./http/middleware/SessionRevocation"
import { makeFallbackResponses } from "./http/middleware/StandardHeaders"
import { withRequestServices } from "./http/RequestServices"
import { SocketIo } from "./http/SocketIo"
import * as Sse from "./http/Sse"
import * as StreamResponse from "./http/StreamResponse"
import * as BunServer from "./infra/bun-http/BunServer"
import * as Sockets from "./infra/socket-io/SocketIo"
import * as RecentLogs from "./infra/telemetry/RecentLogs"
import { pages } from "./openapi/DocumentationPages"

const httpServerConfig = Config.all({
  port: integerConfig("PORT", { min: 0, max: 65_535, fallback: 3000 }),
  hostname: Config.nonEmptyString("HOST").pipe(Config.withDefault("127.0.0.1")),
  drainTimeout,
  maxRequestBodySize: maxBodyBytes,
  bodyTimeout: durationConfig("BODY_TIMEOUT", { min: "1 second", max: "1 hour", fallback: "30 seconds" }),
})

/** Maximum size of a Socket.IO message, in bytes. It may contain images as data URIs. */
const maxMessageSize = integerConfig("MAX_SOCKET_MESSAGE_BYTES", {
  min: 1,
  max: MAX_INT4,
  fallback: 8_388_608,
})

/** The configuration of the HTTP server and of everything in it other than the domain services. */
export const serverConfig = Config.all([
  httpServerConfig,
  maxMessageSize,
  corsOrigins,
  publicUrl,
  rateLimitConfig,
  Metrics.metricsConfig,
  bootstrapAdminConfig,
])

/** All contracts that are served. */
export const contracts = Effect.all([
  Account,
  ChatGuide,
  Native,
  UniChat,
  RealMultiLlm,
  ChatGptClone,
  PlexiChat,
])

/** Serves all contracts, the documentation pages and the metrics page from one router. */
const app = Effect.gen(function* () {
  const all = yield* contracts
  const router = yield* makeRouter(all, [...(yield* pages(all)), ...(yield* Metrics.metricsPages)])
  const server = yield* HttpServer.HttpServer
  yield* withRequestServices(server.serve(router))
})

/** Notifies subscribers and drains the running generations before the server closes its connections. */
const onShutdown = Effect.gen(function* () {
  const timeout = Duration.format(yield* drainTimeout)
  const generations = yield* Generations
  const readers = yield* StreamResponse.Connections
  return generations.activeCount.pipe(
    Effect.flatMap((count) =>
      Effect.annotateLogs(Effect.logInfo("shutting down: draining generations"), {
        generations: count,
        timeout,
      }),
    ),
    Effect.zipRight(Sse.broadcastComment("the server is shutting down")),
    Effect.provideService(StreamResponse.Connections, readers),
    Effect.zipRight(generations.drain),
  )
})

const httpServerLayer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const options = yield* httpServerConfig
    const drain = yield* onShutdown
    const { headers, fallbackResponse } = yield* makeFallbackResponses([
      { prefix: "/v1", errorBody: plexiChatErrorBody },
    ])
    const { io, upgradeHandler, close } = Sockets.make({ maxMessageSize: yield* maxMessageSize, headers })
    const server = BunServer.layer({
      ...options,
      upgradeHandler,
      fallbackResponse,
      beforeClose: Effect.zipRight(drain, close),
      drainTimeout: Duration.sum(options.drainTimeout, Duration.seconds(2)),
    })
    return Layer.merge(server, Layer.succeed(SocketIo, io))
  }),
)

/** Serves Parley on the domain services provided. Its address is `HttpServer.address`. */
export const server = Layer.mergeAll(
  Layer.scopedDiscard(app),
  uniChatSocketLayer,
  SessionRevocation.layer,
  ProcessMetrics.layer,
  Layer.effectDiscard(logAdminSetupLink),
).pipe(
  Layer.provideMerge(httpServerLayer),
  Layer.provide(Layer.effectDiscard(bootstrapAdmin)),
  Layer.provide(StreamResponse.layer()),
  Layer.provide(BunHttpServer.layerContext),
  Layer.provide(RecentLogs.layer),
)
