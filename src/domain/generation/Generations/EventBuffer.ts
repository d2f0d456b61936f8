import { type GenerationEvent, isTerminal } from "./Model"

/** The maximum number of persisted events that stay in memory for subscribers. */
const maxBufferedEvents = 1024

/** Splits off half a surrogate pair at the end of a text: it must wait for its other half. */
const splitSurrogate = (text: string): readonly [whole: string, rest: string] => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? [text.slice(0, -1), text.slice(-1)] : [text, ""]
}

/**
 * The event log of a generation that runs in this process. Coalesces text that arrives in quick
 * succession into one delta. Subscribers have no queue: each has only the number of the last event it
 * has seen, and reads what follows when it is ready.
 */
export class EventBuffer {
  private events: Array<GenerationEvent>
  private pendingText = ""
  private lastFlushAt = Number.NEGATIVE_INFINITY
  private flushTimer: Timer | undefined
  private readonly subscribers = new Set<() => void>()
  private persistedSeq = -1
  /** The whole answer so far, without text that is still pending. */
  text = ""

  /** `coalesceWindow` is in milliseconds. */
  constructor(
    initialEvents: ReadonlyArray<GenerationEvent>,
    private readonly coalesceWindow: number,
  ) {
    this.events = [...initialEvents]
  }

  get lastSeq(): number {
    return this.events[this.events.length - 1]?.seq ?? -1
  }

  get ended(): boolean {
    const last = this.events[this.events.length - 1]
    return last !== undefined && isTerminal(last)
  }

  /** Appends text to the answer: emits it immediately, or at the end of the window that the last delta opened. */
  append(text: string): void {
    this.pendingText += text
    if (this.flushTimer !== undefined) return
    const remaining = this.lastFlushAt + this.coalesceWindow - performance.now()
    // A plain timer: a fiber per delta would cost more than everything else on its path.
    // biome-ignore lint/style/noRestrictedGlobals: see above
    if (remaining > 0) this.flushTimer = setTimeout(this.flushWholeCharacters, remaining)
    else this.flushWholeCharacters()
  }

  private readonly flushWholeCharacters = (): void => {
    this.flushTimer = undefined
    const [whole, rest] = splitSurrogate(this.pendingText)
    this.pendingText = rest
    this.emitDelta(whole)
  }

  private emitDelta(text: string): void {
    const clean = text.replaceAll("\u0000", "").toWellFormed()
    if (clean === "") return
    this.text += clean
    this.lastFlushAt = performance.now()
    this.push({ type: "delta", seq: this.lastSeq + 1, text: clean })
  }

  /** Emits all pending text. No text may be appended afterwards. */
  flush(): void {
    clearTimeout(this.flushTimer)
    this.flushTimer = undefined
    const text = this.pendingText
    this.pendingText = ""
    this.emitDelta(text)
  }

  /** Appends the terminal event. */
  finish(terminalEvent: GenerationEvent): void {
    this.push(terminalEvent)
  }

  private push(event: GenerationEvent): void {
    this.events.push(event)
    this.notify()
  }

  private notify(): void {
    // A copy, since a subscriber may subscribe again while it is being called.
    const callbacks = [...this.subscribers]
    this.subscribers.clear()
    for (const onChange of callbacks) onChange()
  }

  /** Returns up to 256 events after number `after`, or undefined when those are no longer in memory. */
  read(after: number): ReadonlyArray<GenerationEvent> | undefined {
    const first = this.events[0]?.seq ?? 0
    if (after + 1 < first) return undefined
    const start = after + 1 - first
    return this.events.slice(start, start + 256)
  }

  /** Calls `callback` once, when the next event is appended. Returns a function that unsubscribes it. */
  onChange(callback: () => void): () => void {
    this.subscribers.add(callback)
    return () => this.subscribers.delete(callback)
  }

  /** Returns the events that are not in the database yet. */
  unpersisted(): ReadonlyArray<GenerationEvent> {
    const first = this.events[0]?.seq ?? 0
    return this.events.slice(this.persistedSeq + 1 - first)
  }

  /** Records that all events up to number `seq` are in the database, and evicts old ones. */
  markPersisted(seq: number): void {
    this.persistedSeq = seq
    const first = this.events[0]?.seq ?? 0
    const evictable = Math.min(seq + 1 - first, this.events.length - maxBufferedEvents)
    if (evictable > 0) this.events.splice(0, evictable)
  }
}

/** Returns the concatenated text of the deltas among these events. */
export const concatDeltas = (events: ReadonlyArray<GenerationEvent>): string => {
  let text = ""
  for (const event of events) if (event.type === "delta") text += event.text
  return text
}
