import { connect } from "node:net"
import { HttpRouter } from "@effect/platform"
import { Effect, Layer, Stream } from "effect"
import * as Sse from "../../src/http/Sse"
import * as StreamResponse from "../../src/http/StreamResponse"
import { serveApp } from "../infra/bun-http/testServer"
import { memoryPerClient } from "./support/measureMemory"

/**
 * Measures the memory of an idle SSE connection.
 * `npx -y bun test/bench/idle-sse-connections.ts [readers]`
 */
const isReader = process.argv[2] === "read"
const readers = Number(process.argv[isReader ? 4 : 2] ?? 2000)

/** Keeps connections open until killed, in a separate process. */
const read = async (port: number) => {
  await Promise.all(
    Array.from(
      { length: readers },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1", () =>
            socket.write("GET / HTTP/1.1\r\nHost: bench\r\n\r\n"),
          )
          socket.on("data", () => resolve())
        }),
    ),
  )
  process.stdout.write("connected\n")
  await new Promise(() => setInterval(() => {}, 60_000))
}

const program = Effect.gen(function* () {
  const context = yield* Layer.build(StreamResponse.layer())
  const idleStream = Sse.streamResponse(Stream.never, () => "")
  const port = yield* serveApp(
    HttpRouter.empty.pipe(HttpRouter.get("/", idleStream), Effect.provide(context)),
  )
  process.stdout.write(
    `${(yield* memoryPerClient([import.meta.path, "read", String(port)], readers)).toFixed(1)} KB per connection\n`,
  )
})

if (isReader) await read(Number(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
