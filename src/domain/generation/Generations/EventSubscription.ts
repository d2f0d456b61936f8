import { Duration, Effect } from "effect"
import type { Pull, PullSource } from "../../shared/PullSource"
import type { EventBuffer } from "./EventBuffer"
import { type GenerationEvent, isTerminal } from "./Model"

/** How often to look for events that another node has persisted. */
export const pollInterval = Duration.millis(300)

interface Sources {
  /** Returns the event buffer while this process has one. */
  readonly memory: () => EventBuffer | undefined
  /** Reads events after a number from the database, and whether the generation has ended. */
  readonly database: (
    after: number,
  ) => Effect.Effect<{ readonly events: ReadonlyArray<GenerationEvent>; readonly done: boolean }>
}

/**
 * Subscribes to the events of a generation after number `after`, until its end: from memory while they
 * are there, otherwise from the database. A subscription is a cursor; nothing is queued for a
 * subscriber that does not read.
 */
export const subscribe = (after: number, { memory, database }: Sources): PullSource<GenerationEvent> => {
  let cursor = after
  let done = false
  let fetched: ReadonlyArray<GenerationEvent> = []

  const emit = (items: ReadonlyArray<GenerationEvent>): Pull<GenerationEvent> => {
    const last = items[items.length - 1]
    if (last !== undefined) cursor = last.seq
    done = last !== undefined && isTerminal(last)
    return { _tag: "Items", items }
  }

  const fetchMore = Effect.suspend(() => database(cursor)).pipe(
    Effect.flatMap((batch) => {
      fetched = batch.events
      if (fetched.length > 0) return Effect.void
      done = batch.done
      return done ? Effect.void : Effect.sleep(pollInterval)
    }),
  )

  const next = (): Pull<GenerationEvent> => {
    if (fetched.length > 0) {
      const items = fetched
      fetched = []
      return emit(items)
    }
    if (done) return { _tag: "End" }
    const buffer = memory()
    const items = buffer?.read(cursor)
    if (buffer === undefined || items === undefined) return { _tag: "Load", fetchMore }
    if (items.length > 0) return emit(items)
    return buffer.ended ? { _tag: "End" } : { _tag: "Wait", await: (wake) => buffer.onChange(wake) }
  }

  return { next }
}
