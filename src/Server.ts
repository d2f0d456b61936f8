import { HttpServer } from "@effect/platform"
import * as BunHttpServer from "@effect/platform-bun/BunHttpServer"
import { Config, Duration, Effect, Layer } from "effect"
import { Account } from "./api/Account/Http"
import { ChatGuide } from "./api/ChatGuide/Http"
import { Native } from "./api/Native/Http"
import { UniChat } from "./api/UniChat/Http"
import { layer as uniChatSockets } from "./api/UniChat/Socket/Socket"
import * as FirstAdmin from "./bootstrapAdmin"
import { Generation } from "./domain/generation/Generations"
import { drainTimeout, largestInteger, wholeNumber } from "./domain/shared/ConfigHelpers"
import * as Metrics from "./http/metrics/Page"
import * as ProcessMetrics from "./http/metrics/Process"
import { corsOrigins } from "./http/middleware/Cors"
import { maxBodyBytes } from "./http/middleware/JsonBody"
import { publicUrl } from "./http/middleware/PublicUrl"
import { limitSettings } from "./http/middleware/RateLimits"
import { makeDispatch } from "./http/middleware/Router"
import * as CutOff from "./http/middleware/SessionRevocation"
import { makeOutsiders } from "./http/middleware/StandardHeaders"
import { SocketIo } from "./http/SocketIo"
import * as Sse from "./http/Sse"
import * as BunServer from "./infra/bun-http/BunServer"
import * as Sockets from "./infra/socket-io/SocketIo"
import { pages } from "./openapi/Pages"

const listeningSettings = Config.all({
  port: wholeNumber("PORT", { least: 0, most: 65_535, fallback: 3000 }),
  hostname: Config.nonEmptyString("HOST").pipe(Config.withDefault("127.0.0.1")),
  drainTimeout,
  maxRequestBodySize: maxBodyBytes,
})

/** The largest Socket.IO message taken, in bytes: it may hold images as data URIs. */
const maxMessageSize = wholeNumber("MAX_SOCKET_MESSAGE_BYTES", {
  least: 1,
  most: largestInteger,
  fallback: 8_388_608,
})

/** All that the server goes by, and what it is made of outside the domains. */
export const settings = Config.all([
  listeningSettings,
  maxMessageSize,
  corsOrigins,
  publicUrl,
  limitSettings,
  Metrics.settings,
  FirstAdmin.settings,
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
const lastThings = Effect.gen(function* () {
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

const listening = Layer.unwrapEffect(
  Effect.gen(function* () {
    const options = yield* listeningSettings
    const before = yield* lastThings
    const { headers, refuse } = yield* makeOutsiders
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
  uniChatSockets,
  CutOff.layer,
  ProcessMetrics.layer,
).pipe(
  Layer.provideMerge(listening),
  Layer.provide(Layer.effectDiscard(FirstAdmin.firstAdmin)),
  Layer.provide(Sse.layer()),
  Layer.provide(BunHttpServer.layerContext),
)
