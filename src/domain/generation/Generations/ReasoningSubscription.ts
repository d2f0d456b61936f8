import { Effect } from "effect"
import type { Pull, PullSource } from "../../shared/PullSource"
import { subscribe } from "./EventSubscription"
import type { GenerationRunner } from "./GenerationRunner"
import type { GenerationEvent, GenerationId, PositionedEvent, ReadPosition } from "./Model"
import type { GenerationsRepo } from "./Repo"

const isOpening = ({ type }: GenerationEvent) => type === "prompt" || type === "started"

/**
 * Subscribes to the events of a generation after a position, and to its reasoning: what there is of that
 * comes before the events that follow the start.
 */
export const subscribeWithReasoning = (
  runner: GenerationRunner,
  repo: GenerationsRepo,
  id: GenerationId,
  after: ReadPosition,
): PullSource<PositionedEvent> => {
  const source = subscribe(runner, repo, id, after.seq)
  let position = after
  /** Events that the reasoning has to precede. */
  let held: ReadonlyArray<GenerationEvent> = []
  let fetched = ""

  const emit = (events: ReadonlyArray<GenerationEvent>): Pull<PositionedEvent> => {
    const items = events.map((event) => ({ event, position: { ...position, seq: event.seq } }))
    position = items.at(-1)?.position ?? position
    return { _tag: "Items", items }
  }

  /** Returns the next reasoning as an event, or undefined when there is none (yet) or the start comes first. */
  const takeReasoning = (): Pull<PositionedEvent> | undefined => {
    if (position.seq < 1) return undefined
    const { offset } = position
    const text = fetched === "" ? (runner.buffer(id)?.reasoning.slice(offset) ?? "") : fetched
    fetched = ""
    if (text === "") return undefined
    position = { ...position, offset: offset + text.length }
    return { _tag: "Items", items: [{ event: { type: "reasoning", offset, text }, position }] }
  }

  const takeHeld = (): Pull<PositionedEvent> => {
    const opening = held.filter(isOpening)
    if (opening.length > 0) {
      held = held.slice(opening.length)
      return emit(opening)
    }
    const reasoning = takeReasoning()
    if (reasoning !== undefined) return reasoning
    const events = held
    held = []
    return emit(events)
  }

  const next = (): Pull<PositionedEvent> => {
    if (held.length > 0) return takeHeld()
    const reasoning = takeReasoning()
    if (reasoning !== undefined) return reasoning
    const pull = source.next()
    if (pull._tag === "Items") {
      held = pull.items
      return takeHeld()
    }
    if (pull._tag !== "Load") return pull
    // After the events: what was reasoned before them is persisted with them.
    const fetchMore = Effect.flatMap(pull.fetchMore, () =>
      Effect.map(repo.readReasoning(id, position.offset), (text) => {
        fetched = text
      }),
    )
    return { _tag: "Load", fetchMore }
  }

  return { next }
}
