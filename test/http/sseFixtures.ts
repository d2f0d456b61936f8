import { type HttpApp, HttpRouter } from "@effect/platform"
import { Context, Effect, Layer } from "effect"
import * as Sse from "../../src/http/Sse"
import * as StreamResponse from "../../src/http/StreamResponse"
import { serveApp } from "../infra/bun-http/testServer"

/** Serves one handler at `/`; returns its open connections too. */
export const serveStream = (
  handler: HttpApp.Default<never, StreamResponse.Connections>,
  heartbeat: Parameters<typeof StreamResponse.layer>[0] = undefined,
) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(StreamResponse.layer(heartbeat))
    const port = yield* serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", Effect.provide(handler, context))))
    return { port, connections: Context.get(context, StreamResponse.Connections), context }
  })

export const dataFrame = (text: string) => Sse.event({ data: text })
export const initialComment = ": ok\n\n"

/** Returns the body received so far, without the framing of its chunks. */
export const bodyOf = ({ text }: { readonly text: string }) =>
  text
    .slice(text.indexOf("\r\n\r\n") + 4)
    .replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, "")
    .replace(/\r\n$/, "")
