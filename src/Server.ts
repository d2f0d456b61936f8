import { HttpServer } from "@effect/platform"
import { BunHttpServer } from "@effect/platform-bun"
import { Config, Duration, Effect, Layer, Redacted } from "effect"
import { Generation } from "./domain/conversation/Generation"
import { Users } from "./domain/identity/Users"
import * as BunServer from "./infra/Http/BunServer"
import * as Sockets from "./infra/SocketIo/SocketIo"
import { Account } from "./wire/Account/Http"
import { ChatGuide } from "./wire/ChatGuide/Http"
import { pages } from "./wire/docs/Pages"
import { makeDispatch } from "./wire/edge/Dispatch"
import { maxBodyBytes } from "./wire/edge/JsonBody"
import { makeStandardHeaders } from "./wire/edge/StandardHeaders"
import { SocketIo } from "./wire/frame/SocketIo"
import * as Sse from "./wire/frame/Sse"
import { metricsPages } from "./wire/metrics/Page"
import { Native } from "./wire/Native/Http"
import { UniChat } from "./wire/UniChat/Http"
import { layer as uniChatSockets } from "./wire/UniChat/Socket/Socket"

const settings = Config.all({
  port: Config.integer("PORT").pipe(
    Config.validate({
      message: "must be between 0 and 65535; 0 takes any that is free",
      validation: (port) => port >= 0 && port <= 65_535,
    }),
    Config.withDefault(3000),
  ),
  hostname: Config.nonEmptyString("HOST").pipe(Config.withDefault("127.0.0.1")),
  drainTimeout: Config.duration("DRAIN_TIMEOUT").pipe(Config.withDefault(Duration.seconds(10))),
  maxRequestBodySize: maxBodyBytes,
})

/** The largest Socket.IO message taken, in bytes: it may hold images as data URIs. */
const maxMessageSize = Config.integer("MAX_SOCKET_MESSAGE_BYTES").pipe(
  Config.validate({ message: "must be 1 or more", validation: (bytes) => bytes >= 1 }),
  Config.withDefault(8_388_608),
)

/** `ADMIN_EMAIL` and `ADMIN_PASSWORD` make an administrator, unless the address has an account. */
const firstAdmin = Effect.gen(function* () {
  const email = yield* Config.nonEmptyString("ADMIN_EMAIL")
  const password = Redacted.value(yield* Config.redacted("ADMIN_PASSWORD"))
  const users = yield* Users
  yield* users.createAdmin({ email: email.trim().toLowerCase(), password, name: "Administrator" })
}).pipe(
  Effect.catchTag("EmailTaken", () => Effect.void),
  Effect.catchIf(
    (error) => error._op === "MissingData",
    () => Effect.void,
  ),
)

/** Every contract that is served. */
export const contracts = Effect.all([Account, ChatGuide, Native, UniChat])

/** Every contract on one router, and what is served beside them. */
const app = Effect.gen(function* () {
  const all = yield* contracts
  return HttpServer.serve(yield* makeDispatch(all, [...(yield* pages(all)), ...(yield* metricsPages)]))
})

/** Said to readers and done for runs before the server lets go of its connections. */
const lastThings = Effect.gen(function* () {
  const generation = yield* Generation
  const readers = yield* Sse.Readers
  return Sse.tellAll("the server is shutting down").pipe(
    Effect.provideService(Sse.Readers, readers),
    Effect.zipRight(generation.drain),
  )
})

const listening = Layer.unwrapEffect(
  Effect.gen(function* () {
    const options = yield* settings
    const before = yield* lastThings
    const headers = yield* makeStandardHeaders
    const { io, neighbour, close } = Sockets.make({ maxMessageSize: yield* maxMessageSize, headers })
    const server = BunServer.layer({
      ...options,
      neighbour,
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
  Layer.effectDiscard(firstAdmin),
).pipe(Layer.provideMerge(listening), Layer.provide(Sse.layer()), Layer.provide(BunHttpServer.layerContext))
