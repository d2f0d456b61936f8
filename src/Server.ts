import { HttpServer } from "@effect/platform"
import { Config, Console, Duration, Effect, Layer } from "effect"
import { Generation } from "./domain/conversation/Generation"
import * as BunServer from "./infra/Http/BunServer"
import { Account } from "./wire/Account/Http"
import { ChatGuide } from "./wire/ChatGuide/Http"
import { makeDispatch } from "./wire/edge/Dispatch"
import * as Sse from "./wire/frame/Sse"
import { Native } from "./wire/Native/Http"

/** Every contract on one router, and what is served beside them. */
const app = Effect.gen(function* () {
  const contracts = yield* Effect.all([Account, ChatGuide, Native])
  return yield* makeDispatch(contracts, [])
})

const settings = Config.all({
  port: Config.port("PORT").pipe(Config.withDefault(3000)),
  hostname: Config.nonEmptyString("HOST").pipe(Config.withDefault("127.0.0.1")),
  drainTimeout: Config.duration("DRAIN_TIMEOUT").pipe(Config.withDefault(Duration.seconds(10))),
})

/** Before the server closes its connections: readers are told, and runs are let finish. */
const drain = Effect.flatMap(Generation, (generation) =>
  Effect.zipRight(Sse.tellAll("the server is shutting down"), generation.drain),
)
