import { type GenerationEvent, isEnding } from "./Model"

/** How many events that are safe in the database are kept in memory for readers. */
const retained = 1024

/** Half of a surrogate pair at the end of a text waits there for its other half. */
const splitWhole = (text: string): readonly [whole: string, rest: string] => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? [text.slice(0, -1), text.slice(-1)] : [text, ""]
}

/**
 * The log of a run that is being written in this process. Readers hold no buffer, only the
 * number of the last event they have seen, and take what comes after it when they are ready.
 */
export class LiveLog {
  private events: Array<GenerationEvent>
  private held = ""
  /** When the last piece went out, and the timer for what came close behind it. */
  private spokeAt = Number.NEGATIVE_INFINITY
  private window: Timer | undefined
  private readonly waiting = new Set<() => void>()
  private savedUpTo = -1
  /** All that has been said so far. */
  text = ""

  /** `coalesce` is in milliseconds. */
  constructor(
    opening: ReadonlyArray<GenerationEvent>,
    private readonly coalesce: number,
  ) {
    this.events = [...opening]
  }

  get lastSeq(): number {
    return this.events[this.events.length - 1]?.seq ?? -1
  }

  get ended(): boolean {
    const last = this.events[this.events.length - 1]
    return last !== undefined && isEnding(last)
  }

  /** Adds to what is said. A piece goes out at once, unless it is close behind another. */
  say(text: string): void {
    this.held += text
    if (this.window !== undefined) return
    const left = this.spokeAt + this.coalesce - performance.now()
    // A plain timer: a fiber for each piece would cost more than all the rest of its way.
    // biome-ignore lint/style/noRestrictedGlobals: see above
    if (left > 0) this.window = setTimeout(this.flush, left)
    else this.flush()
  }

  private readonly flush = (): void => {
    this.window = undefined
    const [whole, rest] = splitWhole(this.held)
    this.held = rest
    this.tell(whole)
  }

  private tell(text: string): void {
    const clean = text.replaceAll("\u0000", "").toWellFormed()
    if (clean === "") return
    this.text += clean
    this.spokeAt = performance.now()
    this.append({ type: "delta", seq: this.lastSeq + 1, text: clean })
  }

  /** Says what was held back; nothing more is said after this. */
  finishSpeaking(): void {
    clearTimeout(this.window)
    this.window = undefined
    const text = this.held
    this.held = ""
    this.tell(text)
  }

  end(ending: GenerationEvent): void {
    this.append(ending)
  }

  private append(event: GenerationEvent): void {
    this.events.push(event)
    this.wake()
  }

  private wake(): void {
    // Whoever is woken may wait again at once.
    const woken = [...this.waiting]
    this.waiting.clear()
    for (const changed of woken) changed()
  }

  /** Up to 256 events after number `after`; undefined when those are no longer in memory. */
  read(after: number): ReadonlyArray<GenerationEvent> | undefined {
    const first = this.events[0]?.seq ?? 0
    if (after + 1 < first) return undefined
    const start = after + 1 - first
    return this.events.slice(start, start + 256)
  }

  /** Calls `changed`, once, when there is something after what there is now; gives what undoes it. */
  onChange(changed: () => void): () => void {
    this.waiting.add(changed)
    return () => this.waiting.delete(changed)
  }

  /** What is not in the database yet. */
  unsaved(): ReadonlyArray<GenerationEvent> {
    const first = this.events[0]?.seq ?? 0
    return this.events.slice(this.savedUpTo + 1 - first)
  }

  /** Notes that everything up to number `seq` is in the database, and lets old events go. */
  saved(seq: number): void {
    this.savedUpTo = seq
    const first = this.events[0]?.seq ?? 0
    const spare = Math.min(seq + 1 - first, this.events.length - retained)
    if (spare > 0) this.events.splice(0, spare)
  }
}

/** The text that some events say. */
export const textOf = (events: ReadonlyArray<GenerationEvent>): string => {
  let text = ""
  for (const event of events) if (event.type === "delta") text += event.text
  return text
}
