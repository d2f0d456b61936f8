import { BunHttpServer } from "@effect/platform-bun"
import { Effect, Layer } from "effect"
import type { SocketContract } from "../../src/http/SocketContract"
import * as StreamResponse from "../../src/http/StreamResponse"
import { contracts as serverContracts } from "../../src/Server"

/** All contracts of the server. */
export const contracts = serverContracts.pipe(
  Effect.provide(Layer.merge(StreamResponse.layer(), BunHttpServer.layerContext)),
)

/** Returns the names of all events of clients and the server. */
export const eventsOf = ({ groups }: SocketContract) =>
  groups.flatMap(({ serverEvents, clientEvents }) => [
    ...Object.keys(serverEvents),
    ...Object.keys(clientEvents),
  ])
