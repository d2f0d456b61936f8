import { HttpServerError, type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Context, Duration, Effect, FiberSet, Layer, Option, Random, Runtime, Stream } from "effect"
import type { Actor } from "../domain/shared/Actor"
import type { PullSource } from "../domain/shared/PullSource"
import { Reader } from "./Sse/Connection"

const headers = {
  "content-type": "text/event-stream",
  // no-transform and the second header keep proxies from compressing or collecting the events.
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
}

/** Silence is measured in ticks, so that one timer serves every reader. */
const ticksOfSilence = 5

/** The streams that are open, kept alive together and told things together. */
export class Readers extends Context.Tag("Sse.Readers")<
  Readers,
  {
    readonly open: Set<Reader>
    readonly writers: FiberSet.FiberSet<void>
  }
>() {}

/**
 * Looks after the open streams of a server: each gets a comment after `heartbeat` without a
 * frame (15 seconds unless told otherwise), so that no proxy takes it for dead.
 */
export const layer = (options?: { readonly heartbeat?: Duration.DurationInput }) =>
  Layer.scoped(
    Readers,
    Effect.gen(function* () {
      const tick = Duration.times(Duration.decode(options?.heartbeat ?? "15 seconds"), 1 / ticksOfSilence)
      const open = new Set<Reader>()
      const writers = yield* FiberSet.make<void>()
      const beat = Effect.sync(() => {
        for (const reader of open) reader.tick(ticksOfSilence, ": heartbeat\n\n")
      })
      yield* Effect.sleep(tick).pipe(Effect.zipRight(beat), Effect.forever, Effect.forkScoped)
      return { open, writers }
    }),
  )

/**
 * One event as text. `data` is usually JSON; each line of it becomes a `data:` line, which is how
 * the format says a newline. `event` has no newlines.
 */
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

/** The number of the last event that a reader saw before it lost its connection. */
export const lastEventId = (request: HttpServerRequest.HttpServerRequest): Option.Option<number> => {
  const given = request.headers["last-event-id"]
  return given !== undefined && /^\d{1,15}$/.test(given) ? Option.some(Number(given)) : Option.none()
}

const join = <A>(items: Iterable<A>, frame: (item: A) => string): string => {
  let text = ""
  for (const item of items) text += frame(item)
  return text
}

/** Writes what a stream gives. Pulled by hand: the same as runForEachChunk, in three quarters of its time. */
const writeStream =
  <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  (reader: Reader): Effect.Effect<void, never, R> =>
    Effect.flatMap(Stream.toPull(stream), (pull) => {
      const loop: Effect.Effect<void, Option.Option<never>, R> = Effect.flatMap(pull, (items) =>
        reader.put(join(items, frame)) ? loop : Effect.zipRight(reader.room, loop),
      )
      return Effect.ignore(loop)
    }).pipe(Effect.scoped)

/**
 * Writes what a feed gives, in plain calls for as long as it can: the fiber sleeps while the feed
 * itself pushes its items into the socket, and wakes when either of them has to be waited for.
 */
const writeFeed = <A>(open: () => PullSource<A>, frame: (item: A) => string) => {
  return (reader: Reader): Effect.Effect<void> => {
    const feed = open()
    const pumped = Effect.async<Effect.Effect<void> | undefined>((resume) => {
      let forget = () => {}
      const pump = () => {
        for (;;) {
          const step = feed.next()
          if (step._tag === "Items") {
            if (reader.put(join(step.items, frame))) continue
            return resume(Effect.succeed(reader.room))
          }
          if (step._tag === "Wait") {
            forget = step.await(guarded)
            return
          }
          return resume(Effect.succeed(step._tag === "Load" ? step.fetchMore : undefined))
        }
      }
      // Called by whoever writes the feed, who is not to suffer from a bug of its reader.
      const guarded = () => {
        try {
          pump()
        } catch (bug) {
          resume(Effect.die(bug))
        }
      }
      guarded()
      return Effect.sync(() => forget())
    })
    const loop: Effect.Effect<void> = Effect.flatMap(pumped, (wait) =>
      wait === undefined ? Effect.void : Effect.zipRight(wait, loop),
    )
    return loop
  }
}

/** Answers with the events that `write` gives a reader, and looks after the two of them. */
const answer = <R>(write: (reader: Reader) => Effect.Effect<void, never, R>, actor?: Actor) =>
  Effect.gen(function* () {
    const readers = yield* Readers
    const runtime = yield* Effect.runtime<R>()

    const serve = (reader: Reader) =>
      Effect.suspend(() => write(reader)).pipe(
        Effect.tapDefect((cause) => Effect.logError("A stream of events died of a bug", cause)),
        // A handler may answer from an uninterruptible region; reading may always be given up.
        Effect.interruptible,
      )

    let leave = () => {}
    const body = new ReadableStream({
      type: "direct",
      pull(controller) {
        const reader = new Reader(controller, actor)
        readers.open.add(reader)
        // Bun holds the headers back until there is something to send with them.
        reader.tell(": ok\n\n")
        const fiber = Runtime.runFork(runtime, serve(reader))
        reader.cut = () => fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
        leave = () => {
          reader.gone()
          reader.cut()
        }
        FiberSet.unsafeAdd(readers.writers, fiber)
        fiber.addObserver((exit) => {
          readers.open.delete(reader)
          reader.close(exit._tag === "Failure" ? new Error("The stream broke off") : undefined)
        })
      },
      cancel: () => leave(),
    })
    return HttpServerResponse.raw(body, { headers })
  })

/**
 * Answers with a stream, each item as the event that `frame` makes of it; items that it makes ""
 * of are left out. All items of a chunk leave in one write, and the next chunk is pulled when the
 * reader has room for it. The stream is interrupted when its reader goes away; what it holds
 * belongs in the stream, because the request's scope is closed when the headers have left.
 */
export const response = <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  answer(writeStream(stream, frame))

/**
 * The same with a feed, which costs a fraction of a stream for each item. With an `actor` it breaks
 * off when their session ends.
 */
export const follow = <A>(open: () => PullSource<A>, frame: (item: A) => string, actor?: Actor) =>
  answer(writeFeed(open, frame), actor)

/**
 * Answers with what is left of a stream that has an end already, at once. If nothing is left the
 * answer is 204, which is how an EventSource is told not to connect again.
 */
export const rest = <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  Stream.runFold(stream, "", (text, item) => text + frame(item)).pipe(
    Effect.map((text) =>
      text === "" ? HttpServerResponse.empty({ status: 204 }) : HttpServerResponse.text(text, { headers }),
    ),
  )

/**
 * Says `text`, one line, to every open stream as a comment, and asks it to wait a while (one to
 * five seconds, different for each) before it connects again: said before the server stops.
 */
export const tellAll = (text: string) =>
  Effect.flatMap(Readers, ({ open }) =>
    Effect.forEach(
      open,
      (reader) =>
        Effect.map(Random.nextIntBetween(1000, 5000), (wait) => reader.tell(`retry: ${wait}\n: ${text}\n\n`)),
      { discard: true },
    ),
  )
