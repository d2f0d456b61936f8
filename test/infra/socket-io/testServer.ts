import { HttpServerResponse } from "@effect/platform"
import { type Duration, Effect, Queue } from "effect"
import type { UpgradeHandler } from "../../../src/infra/bun-http/UpgradeHandler"
import { Engine } from "../../../src/infra/socket-io/Engine"
import type { Session } from "../../../src/infra/socket-io/Session"
import * as SocketIo from "../../../src/infra/socket-io/SocketIo"
import { serveApp } from "../bun-http/testServer"

interface Options {
  readonly maxMessageSize?: number
  readonly pingInterval?: Duration.DurationInput
  readonly pingTimeout?: Duration.DurationInput
}

/** The app behind the upgrade handler. */
const app = HttpServerResponse.text("the app", { status: 404 })

const headers = ({ headers }: Request) => ({ "x-request-origin": headers.get("origin") ?? "none" })

/** Builds the URLs that the protocol defines. */
const makeUrls = (port: number, path: string) => ({
  port,
  url: (query: string) => `http://127.0.0.1:${port}${path}?${query}`,
  polling: (sid?: string) =>
    `http://127.0.0.1:${port}${path}?EIO=4&transport=polling${sid === undefined ? "" : `&sid=${sid}`}`,
  websocket: (sid?: string) =>
    `ws://127.0.0.1:${port}${path}?EIO=4&transport=websocket${sid === undefined ? "" : `&sid=${sid}`}`,
})

/** Serves Engine.IO and echoes every message, as the protocol's own test suite requires. */
export const serveEngine = (
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
    const closeReasons = yield* Queue.unbounded<string>()
    engine.on("connection", (session: Session) => {
      session.on("data", (data) => session.write(data))
      session.on("close", (reason) => Queue.unsafeOffer(closeReasons, reason))
    })
    const port = yield* serveApp(app, { upgradeHandler: engine })
    /** Waits for the next closed session and returns its close reason. */
    const closeReason = Queue.take(closeReasons)
    return { ...makeUrls(port, "/engine.io/"), engine, closeReason }
  })

/** Serves Socket.IO with the events of the protocol's own test suite, in `/` and `/custom`. */
export const serveSocketIo = (
  options: Options = {},
  onUpgradeHandler: (upgradeHandler: UpgradeHandler) => void = () => {},
) =>
  Effect.gen(function* () {
    const { io, upgradeHandler, close } = SocketIo.make({ maxMessageSize: 1_000_000, headers, ...options })
    onUpgradeHandler(upgradeHandler)
    for (const name of ["/", "/custom"]) {
      io.of(name).on("connection", (socket) => {
        socket.emit("auth", socket.handshake.auth)
        socket.on("message", (...all) => socket.emit("message-back", ...all))
        socket.on("message-with-ack", (...all) => all.pop()(...all))
      })
    }
    const port = yield* serveApp(app, { upgradeHandler, beforeClose: close })
    return { ...makeUrls(port, "/socket.io/"), origin: `http://127.0.0.1:${port}`, io }
  })

/** Sends a request and reads the response body as text. */
export const request = (url: string, init?: RequestInit) =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { signal, ...init })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

/** Opens a long-polling session and returns its id. */
export const openPolling = (url: string) =>
  Effect.map(request(url), ({ text }): string => JSON.parse(text.slice(1)).sid)
