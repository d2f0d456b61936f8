import { Chunk, Duration, Effect, Option, Stream } from "effect"
import type { LiveLog } from "./LiveLog"
import { type GenerationEvent, isEnding } from "./Model"

/** How often to look for what another node has written. */
const remotePoll = Duration.millis(300)

interface Sources {
  /** The log in memory, while there is one. */
  readonly live: () => LiveLog | undefined
  /** Events after a number, from the database, and whether the run is over. */
  readonly stored: (
    seen: number,
  ) => Effect.Effect<{ readonly events: ReadonlyArray<GenerationEvent>; readonly over: boolean }>
}

type Pull = Effect.Effect<Chunk.Chunk<GenerationEvent>, Option.Option<never>>

const atEnd: Pull = Effect.fail(Option.none())

/**
 * The events of a run after number `after`, as they are written, to its end: from memory while
 * they are there, else from the database. A reader is a number and nothing more; while it has
 * not taken what it was given, nothing is kept for it. Written without generators: this is the
 * way of every token.
 */
export const readLog = (after: number, { live, stored }: Sources): Stream.Stream<GenerationEvent> =>
  Stream.suspend(() => {
    let seen = after
    let ended = false

    const give = (events: ReadonlyArray<GenerationEvent>): Pull => {
      const last = events[events.length - 1]
      if (last !== undefined) {
        seen = last.seq
        ended = isEnding(last)
      }
      return Effect.succeed(Chunk.unsafeFromArray(events))
    }

    const fromDatabase: Pull = Effect.flatMap(
      Effect.suspend(() => stored(seen)),
      ({ events, over }) => {
        if (events.length > 0) return give(events)
        return over ? atEnd : Effect.zipRight(Effect.sleep(remotePoll), pull)
      },
    )

    const pull: Pull = Effect.suspend(() => {
      if (ended) return atEnd
      const log = live()
      const events = log?.read(seen)
      if (log === undefined || events === undefined) return fromDatabase
      if (events.length > 0) return give(events)
      if (log.ended) return atEnd
      return Effect.async<Chunk.Chunk<GenerationEvent>, Option.Option<never>>((resume) => {
        const forget = log.onChange(() => resume(pull))
        return Effect.sync(forget)
      })
    })

    return Stream.repeatEffectChunkOption(pull)
  })
