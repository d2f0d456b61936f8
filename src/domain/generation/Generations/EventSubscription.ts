import { Duration, Effect } from "effect"
import type { Pull, PullSource } from "../../shared/PullSource"
import type { GenerationRunner } from "./GenerationRunner"
import { type GenerationEvent, type GenerationId, isTerminal } from "./Model"
import type { GenerationsRepo } from "./Repo"

/** How often to look for events that another node has persisted. */
export const pollInterval = Duration.millis(300)

/**
 * Subscribes to the events of a generation after number `after`, until its end: from the memory of the
 * process that runs it, otherwise from the database. A subscription is a cursor; nothing is queued for
 * a subscriber that does not read.
 */
export const subscribe = (
  runner: GenerationRunner,
  repo: GenerationsRepo,
  id: GenerationId,
  after: number,
): PullSource<GenerationEvent> => {
  let cursor = after
  let done = false
  let fetched: ReadonlyArray<GenerationEvent> = []

  const emit = (items: ReadonlyArray<GenerationEvent>): Pull<GenerationEvent> => {
    const last = items[items.length - 1]
    if (last !== undefined) cursor = last.seq
    done = last !== undefined && isTerminal(last)
    return { _tag: "Items", items }
  }

  const fetchMore = Effect.gen(function* () {
    // Before the events: once the generation has ended, all of them are persisted.
    const isRunning = yield* repo.isRunning(id)
    fetched = yield* repo.read(id, cursor)
    if (fetched.length > 0) return
    done = !isRunning
    if (!done) yield* Effect.sleep(pollInterval)
  })

  const next = (): Pull<GenerationEvent> => {
    if (fetched.length > 0) {
      const items = fetched
      fetched = []
      return emit(items)
    }
    if (done) return { _tag: "End" }
    const buffer = runner.buffer(id)
    const items = buffer?.read(cursor)
    if (buffer === undefined || items === undefined) return { _tag: "Load", fetchMore }
    if (items.length > 0) return emit(items)
    return buffer.ended ? { _tag: "End" } : { _tag: "Wait", await: (wake) => buffer.onChange(wake) }
  }

  return { next }
}
