import { type HttpApp, HttpRouter } from "@effect/platform"
import { Context, Effect, Layer } from "effect"
import * as Sse from "../../src/http/Sse"
import { serveApp } from "../infra/bun-http/testServer"

/** Serves one handler at `/`, with readers that the test can look at. */
export const streaming = (
  handler: HttpApp.Default<never, Sse.Connections>,
  heartbeat: Parameters<typeof Sse.layer>[0] = undefined,
) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(Sse.layer(heartbeat))
    const port = yield* serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", Effect.provide(handler, context))))
    return { port, readers: Context.get(context, Sse.Connections), context }
  })

export const plain = (text: string) => Sse.event({ data: text })
export const opening = ": ok\n\n"

/** The text of the body so far, without the marks of its chunks. */
export const bodyOf = ({ text }: { readonly text: string }) =>
  text
    .slice(text.indexOf("\r\n\r\n") + 4)
    .replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, "")
    .replace(/\r\n$/, "")
