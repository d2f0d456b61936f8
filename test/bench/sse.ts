import { connect } from "node:net"
import { HttpRouter } from "@effect/platform"
import { Chunk, Effect, Exit, Layer, Mailbox, Option, Stream } from "effect"
import * as Sse from "../../src/http/Sse"
import { serving } from "../infra/bun-http/testServer"

/**
 * What a delta costs the server on its way to its reader, in CPU, against a bare ReadableStream
 * that writes the same bytes. Deltas come one at a time on every stream.
 * `npx -y bun test/bench/sse.ts [streams] [deltas]`
 */
const reading = process.argv[2] === "read"
const streams = Number(process.argv[reading ? 5 : 2] ?? 50)
const deltas = Number(process.argv[3] ?? 200)
const rounds = 7
const frame = (id: number) => Sse.event({ id, event: "delta", data: `{"text":"some words ${id}"}` })

/** Runs in a process of its own: reads streams to their end. */
const read = (port: number, path: string) =>
  Promise.all(
    Array.from(
      { length: streams },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1", () =>
            socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n`),
          )
          socket.resume()
          socket.on("close", () => resolve())
        }),
    ),
  )

/** What is told of every new delta; all streams of a round are driven by one clock. */
const listeners = new Set<(id: number) => void>()
const drive = async () => {
  while (listeners.size < streams) await Bun.sleep(1)
  const before = process.cpuUsage()
  for (let id = 0; id < deltas; id++) {
    for (const listener of [...listeners]) listener(id)
    await Bun.sleep(2)
  }
  for (const listener of [...listeners]) listener(-1)
  listeners.clear()
  await Bun.sleep(50)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (streams * deltas)
}

const bare = () => {
  const encoder = new TextEncoder()
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode(": ok\n\n"))
        listeners.add((id) => (id < 0 ? controller.close() : controller.enqueue(encoder.encode(frame(id)))))
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  )
}

const fromMailbox = Effect.gen(function* () {
  const mailbox = yield* Mailbox.make<number>()
  listeners.add((id) => (id < 0 ? mailbox.unsafeDone(Exit.void) : mailbox.unsafeOffer(id)))
  return yield* Sse.response(Mailbox.toStream(mailbox), frame)
})

/** As a run's log is read: what is new is looked up when the reader is ready for it. */
const fromLog = Effect.suspend(() => {
  const log: Array<number> = []
  let wake = () => {}
  let ended = false
  listeners.add((id) => {
    if (id < 0) ended = true
    else log.push(id)
    wake()
  })
  const changed = Effect.async<void>((resume) => {
    wake = () => resume(Effect.void)
  })
  const next = (seen: number): Effect.Effect<ReadonlyArray<number>> =>
    Effect.suspend(() =>
      log.length > seen || ended
        ? Effect.succeed(log.slice(seen))
        : Effect.flatMap(changed, () => next(seen)),
    )
  const events = Stream.paginateChunkEffect(0, (seen) =>
    Effect.map(
      next(seen),
      (found) =>
        [
          Chunk.unsafeFromArray(found),
          found.length === 0 ? Option.none<number>() : Option.some(seen + found.length),
        ] as const,
    ),
  )
  return Sse.response(events, frame)
})

const program = Effect.gen(function* () {
  const readers = yield* Layer.build(Sse.layer())
  const port = yield* serving(
    HttpRouter.empty.pipe(
      HttpRouter.get("/mailbox", fromMailbox),
      HttpRouter.get("/log", fromLog),
      Effect.provide(readers),
    ),
  )
  const plain = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: bare })
  const targets = { bare: [plain.port, "/"], mailbox: [port, "/mailbox"], log: [port, "/log"] } as const
  const costs = new Map<string, Array<number>>(Object.keys(targets).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, [to, path]] of Object.entries(targets)) {
      const readers = Bun.spawn(
        [process.execPath, import.meta.path, "read", String(to), path, String(streams)],
        { stderr: "inherit" },
      )
      const cost = yield* Effect.promise(drive)
      yield* Effect.promise(() => readers.exited)
      if (round > 0) costs.get(name)?.push(cost)
    }
  }
  const median = (name: string) =>
    (costs.get(name) ?? []).sort((a, b) => a - b)[(rounds - 1) >> 1] ?? Number.NaN
  for (const name of Object.keys(targets)) {
    process.stdout.write(
      `${name.padEnd(8)} ${median(name).toFixed(1)} µs a delta, ${(median(name) / median("bare")).toFixed(2)} of bare\n`,
    )
  }
})

if (reading) {
  await read(Number(process.argv[3]), process.argv[4] ?? "/")
} else {
  await Effect.runPromise(Effect.scoped(program))
}
process.exit(0)
