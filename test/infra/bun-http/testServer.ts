import { type HttpApp, HttpServer } from "@effect/platform"
import { Context, Duration, Effect, Layer } from "effect"
import * as BunServer from "../../../src/infra/bun-http/BunServer"

type Options = Partial<Parameters<typeof BunServer.layer>[0]>

/** Serves an app on a free port until the scope closes. Returns the port. */
export const serveApp = (app: HttpApp.Default<unknown>, options: Options = {}) =>
  Effect.gen(function* () {
    const server = BunServer.layer({
      port: 0,
      hostname: "127.0.0.1",
      maxRequestBodySize: 1_000_000,
      drainTimeout: Duration.seconds(5),
      ...options,
    })
    const context = yield* Layer.build(Layer.provideMerge(HttpServer.serve(app), server))
    const { address } = Context.get(context, HttpServer.HttpServer)
    return address._tag === "TcpAddress" ? address.port : 0
  })

/** Sends a request and reads the response body as text. */
export const fetchText = (port: number, path: string, init?: RequestInit) =>
  Effect.gen(function* () {
    const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`, init))
    const text = yield* Effect.promise(() => response.text())
    return { response, text }
  })
