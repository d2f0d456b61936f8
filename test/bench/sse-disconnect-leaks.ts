import { heapStats } from "bun:jsc"
import { connect } from "node:net"
import { HttpRouter, HttpServerResponse } from "@effect/platform"
import { Chunk, Context, Effect, Layer, Schedule, Stream } from "effect"
import * as Sse from "../../src/http/Sse"
import * as StreamResponse from "../../src/http/StreamResponse"
import { serveApp } from "../infra/bun-http/testServer"
import { residentMemory } from "./support/measureMemory"

/**
 * Measures leaks after clients connect, read the start of a stream and disconnect.
 * `npx -y bun test/bench/sse-disconnect-leaks.ts [connections]`
 */
const isClient = process.argv[2] === "leave"
const connections = Number(process.argv[isClient ? 4 : 2] ?? 10_000)
const concurrency = 100

/** Connects and disconnects clients, in a separate process. */
const disconnectClients = async (port: number) => {
  let remaining = connections
  const connectOnce = (path: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`),
      )
      socket.on("data", () => socket.destroy())
      socket.on("close", () => resolve())
      socket.on("error", () => resolve())
    })
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (remaining-- > 0) await connectOnce(remaining % 4 === 0 ? "/stream" : "/events")
    }),
  )
}

/** Resembles the events of a generation: some immediately, then one every 20 ms. */
let openStreams = 0
const events = Stream.concat(
  Stream.fromChunk(Chunk.range(0, 9)),
  Stream.fromSchedule(Schedule.spaced("20 millis")),
).pipe(Stream.onStart(Effect.sync(() => openStreams++)), Stream.ensuring(Effect.sync(() => openStreams--)))
const frame = (id: number) => Sse.event({ id, data: '{"text":"some words"}' })

const openFileCount = () =>
  Array.from(new Bun.Glob("*").scanSync({ cwd: "/proc/self/fd", onlyFiles: false })).length

const measureMemory = Effect.gen(function* () {
  return {
    rss: (yield* residentMemory) / 1048576,
    heap: heapStats().heapSize / 1048576,
    objects: heapStats().objectCount,
    files: openFileCount(),
  }
})

const program = Effect.gen(function* () {
  const context = yield* Layer.build(StreamResponse.layer())
  const port = yield* serveApp(
    HttpRouter.empty.pipe(
      HttpRouter.get("/events", Sse.streamResponse(events, frame)),
      HttpRouter.get("/stream", HttpServerResponse.stream(events.pipe(Stream.map(frame), Stream.encodeText))),
      Effect.provide(context),
    ),
  )
  const readers = Context.get(context, StreamResponse.Connections)
  const runClients = (size: number) =>
    Effect.promise(
      () =>
        Bun.spawn([process.execPath, import.meta.path, "leave", String(port), String(size)], {
          stderr: "inherit",
        }).exited,
    )
  const report = (name: string, { rss, heap, objects, files }: Effect.Effect.Success<typeof measureMemory>) =>
    process.stdout.write(
      `${name}: ${rss.toFixed(1)} MB resident, ${heap.toFixed(1)} MB heap, ${objects} objects, ${files} files, ${openStreams} streams, ${readers.open.size} readers\n`,
    )
  yield* runClients(Math.max(1000, connections / 5))
  const before = yield* measureMemory
  report("warm", before)
  for (let round = 1; round <= 3; round++) {
    yield* runClients(connections)
    const after = yield* measureMemory
    report(`after ${round * connections}`, after)
    process.stdout.write(
      `grown by ${(after.rss - before.rss).toFixed(1)} MB resident, ${(after.heap - before.heap).toFixed(1)} MB heap\n`,
    )
  }
})

if (isClient) await disconnectClients(Number(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
