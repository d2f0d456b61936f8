import { HttpServer } from "@effect/platform"
import * as BunHttpServer from "@effect/platform-bun/BunHttpServer"
import { Config, Duration, Effect, Layer } from "effect"
import { Account } from "./api/Account/Http"
import { ChatGuide } from "./api/ChatGuide/Http"
import { Native } from "./api/Native/Http"
import { UniChat } from "./api/UniChat/Http"
import { layer as uniChatSocketLayer } from "./api/UniChat/Socket/Socket"
import * as FirstAdmin from "./bootstrapAdmin"
import { Generation } from "./domain/generation/Generations"
import { drainTimeout, integerConfig, MAX_INT4 } from "./domain/shared/ConfigHelpers"
import * as Metrics from "./http/metrics/Page"
import * as ProcessMetrics from "./http/metrics/Process"
import { corsOrigins } from "./http/middleware/Cors"
import { maxBodyBytes } from "./http/middleware/JsonBody"
import { publicUrl } from "./http/middleware/PublicUrl"
import { limitSettings } from "./http/middleware/RateLimits"
import { makeDispatch } from "./http/middleware/Router"
import * as CutOff from "./http/middleware/SessionRevocation"
import { makeFallbackResponses } from "./http/middleware/StandardHeaders"
import { SocketIo } from "./http/SocketIo"
import * as Sse from "./http/Sse"
import * as BunServer from "./infra/bun-http/BunServer"
import * as Sockets from "./infra/socket-io/SocketIo"
import { pages } from "./openapi/Pages"

const httpServerConfig = Config.all({
  port: integerConfig("PORT", { min: 0, max: 65_535, fallback: 3000 }),
  hostname: Config.nonEmptyString("HOST").pipe(Config.withDefault("127.0.0.1")),
  drainTimeout,
  maxRequestBodySize: maxBodyBytes,
})

/** The largest Socket.IO message taken, in bytes: it may hold images as data URIs. */
const maxMessageSize = integerConfig("MAX_SOCKET_MESSAGE_BYTES", {
  min: 1,
  max: MAX_INT4,
  fallback: 8_388_608,
})

/** All that the server goes by, and what it is made of outside the domains. */
export const serverConfig = Config.all([
  httpServerConfig,
  maxMessageSize,
  corsOrigins,
  publicUrl,
  limitSettings,
  Metrics.metricsConfig,
  FirstAdmin.bootstrapAdminConfig,
])

/** Every contract that is served. */
export const contracts = Effect.all([Account, ChatGuide, Native, UniChat])

/** Every contract on one router, and what is served beside them. */
const app = Effect.gen(function* () {
  const all = yield* contracts
  return HttpServer.serve(
    yield* makeDispatch(all, [...(yield* pages(all)), ...(yield* Metrics.metricsPages)]),
  )
})

/** Said to readers and done for runs before the server lets go of its connections. */
const onShutdown = Effect.gen(function* () {
  const patience = Duration.format(yield* drainTimeout)
  const generation = yield* Generation
  const readers = yield* Sse.Readers
  return generation.underWay.pipe(
    Effect.flatMap((count) =>
      Effect.logInfo(
        `Asked to end: nothing new is taken, and answers being written (${count}) may go on for ${patience}`,
      ),
    ),
    Effect.zipRight(Sse.tellAll("the server is shutting down")),
    Effect.provideService(Sse.Readers, readers),
    Effect.zipRight(generation.drain),
  )
})

const httpServerLayer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const options = yield* httpServerConfig
    const before = yield* onShutdown
    const { headers, refuse } = yield* makeFallbackResponses
    const { io, neighbour, close } = Sockets.make({ maxMessageSize: yield* maxMessageSize, headers })
    const server = BunServer.layer({
      ...options,
      neighbour,
      refuse,
      beforeClose: Effect.zipRight(before, close),
      drainTimeout: Duration.sum(options.drainTimeout, Duration.seconds(2)),
    })
    return Layer.merge(server, Layer.succeed(SocketIo, io))
  }),
)

/** Parley, serving, on the domains it is given; its address is `HttpServer.address`. */
export const server = Layer.mergeAll(
  Layer.unwrapScoped(app),
  uniChatSocketLayer,
  CutOff.layer,
  ProcessMetrics.layer,
).pipe(
  Layer.provideMerge(httpServerLayer),
  Layer.provide(Layer.effectDiscard(FirstAdmin.bootstrapAdmin)),
  Layer.provide(Sse.layer()),
  Layer.provide(BunHttpServer.layerContext),
)
