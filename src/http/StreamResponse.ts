import { HttpServerError, HttpServerResponse } from "@effect/platform"
import { Context, Duration, Effect, Exit, FiberSet, Layer, type Option, Runtime, Stream } from "effect"
import type { Actor } from "../domain/shared/Actor"
import type { PullSource } from "../domain/shared/PullSource"
import { Connection } from "./StreamResponse/Connection"

/** The headers that keep proxies from compressing or buffering a stream. */
export const unbuffered = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
}

/** Idle time is measured in ticks, so that one timer serves every connection. */
const HEARTBEAT_TICKS = 5

/** The open streamed responses, for heartbeats, broadcasts and the revocation of sessions. */
export class Connections extends Context.Tag("StreamResponse.Connections")<
  Connections,
  {
    readonly open: Set<Connection>
    readonly writers: FiberSet.FiberSet<void>
  }
>() {}

/**
 * Tracks the open streams of a server. Those of a format with comments get one after `heartbeat` without a
 * frame (15 seconds by default), so that no proxy takes them for dead.
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

const join = <A>(items: Iterable<A>, frame: (item: A) => string): string => {
  let text = ""
  for (const item of items) text += frame(item)
  return text
}

/** Writes a stream to a connection. Pulls by hand, which takes three quarters of the time of runForEachChunk. */
export const writeStream =
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
export const writePullSource = <A>(open: () => PullSource<A>, frame: (item: A) => string) => {
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
    return Effect.ensuring(
      loop,
      Effect.sync(() => source.close?.()),
    )
  }
}

/** How a format frames a stream. */
export interface StreamFormat {
  readonly contentType: string
  /** Sent with the headers, which Bun holds back until the first chunk. */
  readonly opening?: string
  /** Whether comments may be sent between two frames. */
  readonly hasComments: boolean
  /** The last frame of a response that is aborted; without one, the response ends as incomplete. */
  readonly aborted?: string
}

/**
 * Responds with what `write` writes, unbuffered, and interrupts it when the client disconnects. With an
 * `actor` the response is aborted when the actor's session is revoked.
 */
export const respond = <R>(
  { contentType, opening = "", hasComments, aborted }: StreamFormat,
  write: (connection: Connection) => Effect.Effect<void, never, R>,
  actor?: Actor,
) =>
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
        const connection = new Connection(controller, hasComments, actor)
        connections.open.add(connection)
        connection.write(opening)
        const fiber = Runtime.runFork(runtime, serve(connection))
        connection.abort = () => fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
        disconnect = () => {
          connection.markClosed()
          connection.abort()
        }
        FiberSet.unsafeAdd(connections.writers, fiber)
        fiber.addObserver((exit) => {
          connections.open.delete(connection)
          const isAborted = aborted !== undefined && Exit.isInterrupted(exit)
          if (isAborted) connection.write(aborted)
          const isIncomplete = Exit.isFailure(exit) && !isAborted
          connection.close(isIncomplete ? new Error("The stream was interrupted") : undefined)
        })
      },
      cancel: () => disconnect(),
    })
    return HttpServerResponse.raw(body, { headers: { "content-type": contentType, ...unbuffered } })
  })
