import { connect } from "node:net"
import { HttpRouter } from "@effect/platform"
import { Effect, Layer, Stream } from "effect"
import * as Sse from "../../src/http/Sse"
import { serving } from "../infra/bun-http/testServer"

/**
 * What an SSE reader costs in memory while nothing happens.
 * `npx -y bun test/bench/quiet-readers.ts [readers]`
 */
const child = process.argv[2] === "read"
const readers = Number(process.argv[child ? 4 : 2] ?? 2000)

/** Runs in a process of its own: reads on until it is ended. */
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
  process.stdout.write("all here\n")
  await new Promise(() => setInterval(() => {}, 60_000))
}

const resident = Effect.gen(function* () {
  for (let round = 0; round < 5; round++) {
    Bun.gc(true)
    yield* Effect.sleep("100 millis")
  }
  return process.memoryUsage.rss()
})

/** How much the process grows by when readers come, each. */
const costOf = (port: number) =>
  Effect.gen(function* () {
    const before = yield* resident
    const crowd = Bun.spawn([process.execPath, import.meta.path, "read", String(port), String(readers)], {
      stdout: "pipe",
    })
    yield* Effect.promise(() => crowd.stdout.getReader().read())
    const after = yield* resident
    crowd.kill()
    yield* Effect.promise(() => crowd.exited)
    return (after - before) / readers / 1024
  })

const program = Effect.gen(function* () {
  const context = yield* Layer.build(Sse.layer())
  const quiet = Sse.response(Stream.never, () => "")
  const port = yield* serving(HttpRouter.empty.pipe(HttpRouter.get("/", quiet), Effect.provide(context)))
  process.stdout.write(`${(yield* costOf(port)).toFixed(1)} KB a reader\n`)
})

if (child) await read(Number(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
