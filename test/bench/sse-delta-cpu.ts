import { connect } from "node:net"
import { HttpRouter } from "@effect/platform"
import { Chunk, Effect, Exit, Layer, Mailbox, Option, Stream } from "effect"
import { type Actor, SessionId, UserId } from "../../src/domain/shared/Actor"
import type { PullSource } from "../../src/domain/shared/PullSource"
import * as Ndjson from "../../src/http/Ndjson"
import * as Sse from "../../src/http/Sse"
import * as StreamResponse from "../../src/http/StreamResponse"
import { serveApp } from "../infra/bun-http/testServer"

/**
 * Measures the CPU time of sending a delta over SSE and as NDJSON, against a bare ReadableStream that writes
 * the bytes of SSE. Deltas arrive one at a time on every stream.
 * `npx -y bun test/bench/sse-delta-cpu.ts [streams] [deltas]`
 */
const isReader = process.argv[2] === "read"
const streams = Number(process.argv[isReader ? 5 : 2] ?? 50)
const deltas = Number(process.argv[3] ?? 200)
const rounds = 7
const frame = (id: number) => Sse.event({ id, event: "delta", data: `{"text":"some words ${id}"}` })

/** Reads streams to their end, in a separate process. */
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

/** Callbacks for every new delta; one clock drives all streams of a round. */
const deltaListeners = new Set<(id: number) => void>()
const emitDeltas = async () => {
  while (deltaListeners.size < streams) await Bun.sleep(1)
  const before = process.cpuUsage()
  for (let id = 0; id < deltas; id++) {
    for (const listener of [...deltaListeners]) listener(id)
    await Bun.sleep(2)
  }
  for (const listener of [...deltaListeners]) listener(-1)
  deltaListeners.clear()
  await Bun.sleep(50)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (streams * deltas)
}

const bareStream = () => {
  const encoder = new TextEncoder()
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode(": ok\n\n"))
        deltaListeners.add((id) =>
          id < 0 ? controller.close() : controller.enqueue(encoder.encode(frame(id))),
        )
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  )
}

const fromMailbox = Effect.gen(function* () {
  const mailbox = yield* Mailbox.make<number>()
  deltaListeners.add((id) => (id < 0 ? mailbox.unsafeDone(Exit.void) : mailbox.unsafeOffer(id)))
  return yield* Sse.streamResponse(Mailbox.toStream(mailbox), frame)
})

/** Streams as from a generation's log: new events are read when the reader is ready. */
const fromLog = Effect.suspend(() => {
  const log: Array<number> = []
  let notify = () => {}
  let ended = false
  deltaListeners.add((id) => {
    if (id < 0) ended = true
    else log.push(id)
    notify()
  })
  const changed = Effect.async<void>((resume) => {
    notify = () => resume(Effect.void)
  })
  const next = (cursor: number): Effect.Effect<ReadonlyArray<number>> =>
    Effect.suspend(() =>
      log.length > cursor || ended
        ? Effect.succeed(log.slice(cursor))
        : Effect.flatMap(changed, () => next(cursor)),
    )
  const events = Stream.paginateChunkEffect(0, (cursor) =>
    Effect.map(
      next(cursor),
      (pending) =>
        [
          Chunk.unsafeFromArray(pending),
          pending.length === 0 ? Option.none<number>() : Option.some(cursor + pending.length),
        ] as const,
    ),
  )
  return Sse.streamResponse(events, frame)
})

/** Makes a source that is pulled by plain calls, as those of generations and completions are. */
const openSource = (): PullSource<number> => {
  let pending: Array<number> = []
  let ended = false
  let wake: (() => void) | undefined
  deltaListeners.add((id) => {
    if (id < 0) ended = true
    else pending.push(id)
    const callback = wake
    wake = undefined
    callback?.()
  })
  return {
    next: () => {
      if (pending.length > 0) {
        const items = pending
        pending = []
        return { _tag: "Items", items }
      }
      if (ended) return { _tag: "End" }
      const wait = (callback: () => void) => {
        wake = callback
        return () => {
          wake = undefined
        }
      }
      return { _tag: "Wait", await: wait }
    },
  }
}

const line = (id: number) => `{"type":"chunk","content":"some words ${id}"}\n`
const actor: Actor = { userId: UserId.make("bench"), sessionId: SessionId.make("bench"), role: "user" }
const ndjson = Ndjson.streamPullSource(openSource, line, { actor, aborted: "" })
const pulled = Sse.streamPullSource(openSource, frame, actor)

const program = Effect.gen(function* () {
  const readers = yield* Layer.build(StreamResponse.layer())
  const port = yield* serveApp(
    HttpRouter.empty.pipe(
      HttpRouter.get("/mailbox", fromMailbox),
      HttpRouter.get("/log", fromLog),
      HttpRouter.get("/pulled", pulled),
      HttpRouter.get("/ndjson", ndjson),
      Effect.provide(readers),
    ),
  )
  const bareServer = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: bareStream })
  const targets = {
    bare: [bareServer.port, "/"],
    mailbox: [port, "/mailbox"],
    log: [port, "/log"],
    pulled: [port, "/pulled"],
    ndjson: [port, "/ndjson"],
  } as const
  const costs = new Map<string, Array<number>>(Object.keys(targets).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, [to, path]] of Object.entries(targets)) {
      const readers = Bun.spawn(
        [process.execPath, import.meta.path, "read", String(to), path, String(streams)],
        { stderr: "inherit" },
      )
      const cost = yield* Effect.promise(emitDeltas)
      yield* Effect.promise(() => readers.exited)
      if (round > 0) costs.get(name)?.push(cost)
    }
  }
  const median = (name: string) =>
    (costs.get(name) ?? []).sort((a, b) => a - b)[(rounds - 1) >> 1] ?? Number.NaN
  for (const name of Object.keys(targets)) {
    process.stdout.write(
      `${name.padEnd(8)} ${median(name).toFixed(1)} µs per delta, ${(median(name) / median("bare")).toFixed(2)} of bare\n`,
    )
  }
})

if (isReader) {
  await read(Number(process.argv[3]), process.argv[4] ?? "/")
} else {
  await Effect.runPromise(Effect.scoped(program))
}
process.exit(0)
