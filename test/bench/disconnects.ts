import { heapStats } from "bun:jsc"
import { connect } from "node:net"
import { HttpRouter, HttpServerResponse } from "@effect/platform"
import { Chunk, Context, Effect, Layer, Schedule, Stream } from "effect"
import * as Sse from "../../src/http/Sse"
import { serving } from "../infra/bun-http/testServer"

/**
 * Clients that connect, read the beginning of a stream and go away: what is left of them.
 * `npx -y bun test/bench/disconnects.ts [connections]`
 */
const child = process.argv[2] === "leave"
const connections = Number(process.argv[child ? 4 : 2] ?? 10_000)
const atOnce = 100

/** Runs in a process of its own. */
const leave = async (port: number) => {
  let left = connections
  const one = (path: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`),
      )
      socket.on("data", () => socket.destroy())
      socket.on("close", () => resolve())
      socket.on("error", () => resolve())
    })
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await one(left % 4 === 0 ? "/stream" : "/events")
    }),
  )
}

/** What a run's events look like: some at once, then one now and again. */
let running = 0
const events = Stream.concat(
  Stream.fromChunk(Chunk.range(0, 9)),
  Stream.fromSchedule(Schedule.spaced("20 millis")),
).pipe(Stream.onStart(Effect.sync(() => running++)), Stream.ensuring(Effect.sync(() => running--)))
const frame = (id: number) => Sse.event({ id, data: '{"text":"some words"}' })

const sockets = () =>
  Array.from(new Bun.Glob("*").scanSync({ cwd: "/proc/self/fd", onlyFiles: false })).length

const memory = Effect.gen(function* () {
  for (let round = 0; round < 5; round++) {
    Bun.gc(true)
    yield* Effect.sleep("100 millis")
  }
  return {
    rss: process.memoryUsage.rss() / 1048576,
    heap: heapStats().heapSize / 1048576,
    objects: heapStats().objectCount,
    files: sockets(),
  }
})

const program = Effect.gen(function* () {
  const context = yield* Layer.build(Sse.layer())
  const port = yield* serving(
    HttpRouter.empty.pipe(
      HttpRouter.get("/events", Sse.response(events, frame)),
      HttpRouter.get("/stream", HttpServerResponse.stream(events.pipe(Stream.map(frame), Stream.encodeText))),
      Effect.provide(context),
    ),
  )
  const readers = Context.get(context, Sse.Readers)
  const crowd = (size: number) =>
    Effect.promise(
      () =>
        Bun.spawn([process.execPath, import.meta.path, "leave", String(port), String(size)], {
          stderr: "inherit",
        }).exited,
    )
  const report = (name: string, { rss, heap, objects, files }: Effect.Effect.Success<typeof memory>) =>
    process.stdout.write(
      `${name}: ${rss.toFixed(1)} MB resident, ${heap.toFixed(1)} MB heap, ${objects} objects, ${files} files, ${running} streams, ${readers.open.size} readers\n`,
    )
  yield* crowd(Math.max(1000, connections / 5))
  const before = yield* memory
  report("warm", before)
  for (let round = 1; round <= 3; round++) {
    yield* crowd(connections)
    const after = yield* memory
    report(`after ${round * connections}`, after)
    process.stdout.write(
      `grown by ${(after.rss - before.rss).toFixed(1)} MB resident, ${(after.heap - before.heap).toFixed(1)} MB heap\n`,
    )
  }
})

if (child) await leave(Number(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
