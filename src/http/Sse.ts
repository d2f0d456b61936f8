import { HttpApiSchema, HttpServerError, type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Context, Duration, Effect, FiberSet, Layer, Option, Random, Runtime, Schema, Stream } from "effect"
import type { Actor } from "../domain/shared/Actor"
import type { PullSource } from "../domain/shared/PullSource"
import { Connection } from "./Sse/Connection"

/** Declares a response as an event stream. In the documents its schema is that of each event's data. */
export const eventStream = <A, I>(description: string, data: Schema.Schema<A, I>) =>
  // Suspended, so that a union counts as one schema instead of one response for each of its members.
  Schema.suspend(() => data)
    .annotations({ description })
    .pipe(HttpApiSchema.withEncoding({ kind: "Json", contentType: "text/event-stream" }))

const headers = {
  "content-type": "text/event-stream",
  // no-transform and x-accel-buffering keep proxies from compressing or buffering the events.
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
}

/** Idle time is measured in ticks, so that one timer serves every connection. */
const HEARTBEAT_TICKS = 5

/** The open event streams, for heartbeats and broadcasts. */
export class Connections extends Context.Tag("Sse.Connections")<
  Connections,
  {
    readonly open: Set<Connection>
    readonly writers: FiberSet.FiberSet<void>
  }
>() {}

/**
 * Tracks the open streams of a server: each gets a comment after `heartbeat` without a frame (15 seconds by
 * default), so that no proxy takes it for dead.
 */
export const layer = (options?: { readonly heartbeat?: Duration.DurationInput }) =>
  Layer.scoped(
    Connections,
    Effect.gen(function* () {
      const tick = Duration.times(Duration.decode(options?.heartbeat ?? "15 seconds"), 1 / HEARTBEAT_TICKS)
      const open = new Set<Connection>()
      const writers = yield* FiberSet.make<void>()
      const beat = Effect.sync(() => {
        for (const connection of open) connection.tick(HEARTBEAT_TICKS, ": heartbeat\n\n")
      })
      yield* Effect.sleep(tick).pipe(Effect.zipRight(beat), Effect.forever, Effect.forkScoped)
      return { open, writers }
    }),
  )

/** Formats one event. Each line of `data`, usually JSON, becomes a `data:` line; `event` has no newlines. */
export const event = (frame: {
  readonly id?: number
  readonly event?: string
  readonly data: string
}): string => {
  const { data } = frame
  const id = frame.id === undefined ? "" : `id: ${frame.id}\n`
  const name = frame.event === undefined ? "" : `event: ${frame.event}\n`
  const body = /[\r\n]/.test(data) ? data.split(/\r\n|\r|\n/).join("\ndata: ") : data
  return `${id}${name}data: ${body}\n\n`
}

/** Returns the number in `Last-Event-ID`: the last event that the client received before it reconnected. */
export const lastEventId = (request: HttpServerRequest.HttpServerRequest): Option.Option<number> => {
  const value = request.headers["last-event-id"]
  return value !== undefined && /^\d{1,15}$/.test(value) ? Option.some(Number(value)) : Option.none()
}

const join = <A>(items: Iterable<A>, frame: (item: A) => string): string => {
  let text = ""
  for (const item of items) text += frame(item)
  return text
}

/** Writes a stream to a connection. Pulls by hand, which takes three quarters of the time of runForEachChunk. */
const writeStream =
  <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  (connection: Connection): Effect.Effect<void, never, R> =>
    Effect.flatMap(Stream.toPull(stream), (pull) => {
      const loop: Effect.Effect<void, Option.Option<never>, R> = Effect.flatMap(pull, (items) =>
        connection.write(join(items, frame)) ? loop : Effect.zipRight(connection.writable, loop),
      )
      return Effect.ignore(loop)
    }).pipe(Effect.scoped)

/**
 * Writes a pull source to a connection in plain calls: the fiber sleeps while the source pushes items into
 * the socket, and wakes only to wait for the socket to drain or for the source to fetch more.
 */
const writePullSource = <A>(open: () => PullSource<A>, frame: (item: A) => string) => {
  return (connection: Connection): Effect.Effect<void> => {
    const source = open()
    const pumped = Effect.async<Effect.Effect<void> | undefined>((resume) => {
      let cancelWait = () => {}
      const pump = () => {
        for (;;) {
          const step = source.next()
          if (step._tag === "Items") {
            if (connection.write(join(step.items, frame))) continue
            return resume(Effect.succeed(connection.writable))
          }
          if (step._tag === "Wait") {
            cancelWait = step.await(guarded)
            return
          }
          return resume(Effect.succeed(step._tag === "Load" ? step.fetchMore : undefined))
        }
      }
      // Runs in the fiber of the producer, which must not fail because of a defect of this reader.
      const guarded = () => {
        try {
          pump()
        } catch (defect) {
          resume(Effect.die(defect))
        }
      }
      guarded()
      return Effect.sync(() => cancelWait())
    })
    const loop: Effect.Effect<void> = Effect.flatMap(pumped, (wait) =>
      wait === undefined ? Effect.void : Effect.zipRight(wait, loop),
    )
    return loop
  }
}

/** Responds with the events that `write` writes, and interrupts it when the client disconnects. */
const respond = <R>(write: (connection: Connection) => Effect.Effect<void, never, R>, actor?: Actor) =>
  Effect.gen(function* () {
    const connections = yield* Connections
    const runtime = yield* Effect.runtime<R>()

    const serve = (connection: Connection) =>
      Effect.suspend(() => write(connection)).pipe(
        Effect.tapDefect((cause) => Effect.logError("event stream failed", cause)),
        // A handler may respond from an uninterruptible region; streaming is always interruptible.
        Effect.interruptible,
      )

    let disconnect = () => {}
    const body = new ReadableStream({
      type: "direct",
      pull(controller) {
        const connection = new Connection(controller, actor)
        connections.open.add(connection)
        // Bun sends the headers with the first chunk.
        connection.comment(": ok\n\n")
        const fiber = Runtime.runFork(runtime, serve(connection))
        connection.abort = () => fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
        disconnect = () => {
          connection.markClosed()
          connection.abort()
        }
        FiberSet.unsafeAdd(connections.writers, fiber)
        fiber.addObserver((exit) => {
          connections.open.delete(connection)
          connection.close(exit._tag === "Failure" ? new Error("The stream was interrupted") : undefined)
        })
      },
      cancel: () => disconnect(),
    })
    return HttpServerResponse.raw(body, { headers })
  })

/**
 * Responds with a stream, each item as the event that `frame` formats; items formatted as "" are skipped.
 * All items of a chunk leave in one write, and the next chunk is pulled when the socket has drained. The
 * stream is interrupted when the client disconnects. Its resources must be scoped to the stream: the
 * request's scope closes once the headers are sent.
 */
export const streamResponse = <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  respond(writeStream(stream, frame))

/**
 * Responds with a pull source, which costs a fraction of a stream per item. With an `actor` the response is
 * aborted when the actor's session is revoked.
 */
export const streamPullSource = <A>(open: () => PullSource<A>, frame: (item: A) => string, actor?: Actor) =>
  respond(writePullSource(open, frame), actor)

/** Responds with the rest of a finite stream; with 204, which stops an EventSource from reconnecting, if it is empty. */
export const replay = <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  Stream.runFold(stream, "", (text, item) => text + frame(item)).pipe(
    Effect.map((text) =>
      text === "" ? HttpServerResponse.empty({ status: 204 }) : HttpServerResponse.text(text, { headers }),
    ),
  )

/**
 * Sends `text`, one line, to every open stream as a comment, with a reconnection delay of one to five
 * seconds, random so that clients do not reconnect all at once. For the time before the server stops.
 */
export const broadcastComment = (text: string) =>
  Effect.flatMap(Connections, ({ open }) =>
    Effect.forEach(
      open,
      (connection) =>
        Effect.map(Random.nextIntBetween(1000, 5000), (delay) =>
          connection.comment(`retry: ${delay}\n: ${text}\n\n`),
        ),
      { discard: true },
    ),
  )
