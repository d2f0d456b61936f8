import { Duration, Effect } from "effect"
import type { Pull, PullSource } from "../../shared/PullSource"
import type { LiveLog } from "./EventBuffer"
import { type GenerationEvent, isEnding } from "./Model"

/** How often to look for what another node has written. */
export const remotePoll = Duration.millis(300)

interface Sources {
  /** The log in memory, while there is one. */
  readonly live: () => LiveLog | undefined
  /** Events after a number, from the database, and whether the run is over. */
  readonly stored: (
    seen: number,
  ) => Effect.Effect<{ readonly events: ReadonlyArray<GenerationEvent>; readonly over: boolean }>
}

/**
 * The events of a run after number `after`, as they are written, to its end: from memory while
 * they are there, else from the database. A reader is a number and nothing more; while it has
 * not taken what there is, nothing is kept for it.
 */
export const readLog = (after: number, { live, stored }: Sources): PullSource<GenerationEvent> => {
  let seen = after
  let over = false
  let loaded: ReadonlyArray<GenerationEvent> = []

  const give = (items: ReadonlyArray<GenerationEvent>): Pull<GenerationEvent> => {
    const last = items[items.length - 1]
    if (last !== undefined) seen = last.seq
    over = last !== undefined && isEnding(last)
    return { _tag: "Items", items }
  }

  const load = Effect.suspend(() => stored(seen)).pipe(
    Effect.flatMap((found) => {
      loaded = found.events
      if (loaded.length > 0) return Effect.void
      over = found.over
      return over ? Effect.void : Effect.sleep(remotePoll)
    }),
  )

  const next = (): Pull<GenerationEvent> => {
    if (loaded.length > 0) {
      const items = loaded
      loaded = []
      return give(items)
    }
    if (over) return { _tag: "End" }
    const log = live()
    const items = log?.read(seen)
    if (log === undefined || items === undefined) return { _tag: "Load", fetchMore: load }
    if (items.length > 0) return give(items)
    return log.ended ? { _tag: "End" } : { _tag: "Wait", await: (wake) => log.onChange(wake) }
  }

  return { next }
}
