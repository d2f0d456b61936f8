import { HttpServerResponse } from "@effect/platform"
import { type Duration, Effect, Queue } from "effect"
import type { Neighbour } from "../../../src/infra/bun-http/UpgradeHandler"
import { Engine } from "../../../src/infra/socket-io/Engine"
import type { Session } from "../../../src/infra/socket-io/Session"
import * as SocketIo from "../../../src/infra/socket-io/SocketIo"
import { serving } from "../bun-http/testServer"

interface Options {
  readonly maxMessageSize?: number
  readonly pingInterval?: Duration.DurationInput
  readonly pingTimeout?: Duration.DurationInput
}

/** An app that leaves the path of sockets to its neighbour. */
const app = HttpServerResponse.text("the app", { status: 404 })

const headers = ({ headers }: Request) => ({ "x-asked-by": headers.get("origin") ?? "nobody" })

/** The paths of a server, as a protocol's own documents write them. */
const addresses = (port: number, path: string) => ({
  port,
  url: (query: string) => `http://127.0.0.1:${port}${path}?${query}`,
  polling: (sid?: string) =>
    `http://127.0.0.1:${port}${path}?EIO=4&transport=polling${sid === undefined ? "" : `&sid=${sid}`}`,
  websocket: (sid?: string) =>
    `ws://127.0.0.1:${port}${path}?EIO=4&transport=websocket${sid === undefined ? "" : `&sid=${sid}`}`,
})

/** An Engine.IO server that sends every message back, as the protocol's own suite asks for. */
export const servingEngine = (
  options: { readonly pingInterval?: number; readonly pingTimeout?: number } = {},
) =>
  Effect.gen(function* () {
    const engine = new Engine({
      path: "/engine.io",
      headers,
      maxHttpBufferSize: 1_000_000,
      pingInterval: 25_000,
      pingTimeout: 20_000,
      upgradeTimeout: 10_000,
      ...options,
    })
    const ended = yield* Queue.unbounded<string>()
    engine.on("connection", (session: Session) => {
      session.on("data", (data) => session.write(data))
      session.on("close", (reason) => Queue.unsafeOffer(ended, reason))
    })
    const port = yield* serving(app, { neighbour: engine })
    /** Why the next session that ends does so. */
    const end = Queue.take(ended)
    return { ...addresses(port, "/engine.io/"), engine, end }
  })

/** A Socket.IO server with the events of the protocol's own suite, in `/` and in `/custom`. */
export const servingSocketIo = (options: Options = {}, before: (neighbour: Neighbour) => void = () => {}) =>
  Effect.gen(function* () {
    const { io, neighbour, close } = SocketIo.make({ maxMessageSize: 1_000_000, headers, ...options })
    before(neighbour)
    for (const name of ["/", "/custom"]) {
      io.of(name).on("connection", (socket) => {
        socket.emit("auth", socket.handshake.auth)
        socket.on("message", (...all) => socket.emit("message-back", ...all))
        socket.on("message-with-ack", (...all) => all.pop()(...all))
      })
    }
    const port = yield* serving(app, { neighbour, beforeClose: close })
    return { ...addresses(port, "/socket.io/"), origin: `http://127.0.0.1:${port}`, io }
  })

/** What is answered, with its body as text. */
export const ask = (url: string, init?: RequestInit) =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { signal, ...init })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

/** Opens a session on long-polling and gives back its id. */
export const openPolling = (url: string) =>
  Effect.map(ask(url), ({ text }): string => JSON.parse(text.slice(1)).sid)
