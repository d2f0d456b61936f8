import { TextCoalescer } from "../../models/TextCoalescer"
import { type GenerationEvent, isTerminal, type ReasoningPiece } from "./Model"

/** The maximum number of persisted events that stay in memory for subscribers. */
const maxBufferedEvents = 1024

/**
 * The event log of a generation that runs in this process. Coalesces text that arrives in quick
 * succession into one delta. Reasoning is buffered beside the log, since most subscribers do not want it,
 * and has no numbers: who reads it counts its characters. Subscribers have no queue: each has only the number of the last event it
 * has seen, and reads what follows when it is ready.
 */
export class EventBuffer {
  private events: Array<GenerationEvent>
  private readonly coalescer: TextCoalescer
  private readonly subscribers = new Set<() => void>()
  private readonly reasoningCoalescer: TextCoalescer
  private persistedSeq = -1
  private persistedReasoning = 0
  /** The whole answer so far, without text that is still pending. */
  text = ""
  /** The whole reasoning so far, without what is still pending. */
  reasoning = ""

  /** `coalesceWindow` is in milliseconds. */
  constructor(initialEvents: ReadonlyArray<GenerationEvent>, coalesceWindow: number) {
    this.events = [...initialEvents]
    this.coalescer = new TextCoalescer(coalesceWindow, (text) => {
      this.text += text
      this.push({ type: "delta", seq: this.lastSeq + 1, text })
    })
    this.reasoningCoalescer = new TextCoalescer(coalesceWindow, (text) => {
      this.reasoning += text
      this.notify()
    })
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
    // What the model reasoned before the text is shown before it.
    if (this.reasoningCoalescer.hasPending) this.reasoningCoalescer.flush()
    this.coalescer.append(text)
  }

  /** Appends to the reasoning, with the same delay. */
  appendReasoning(text: string): void {
    this.reasoningCoalescer.append(text)
  }

  /** Emits all pending text and reasoning. Nothing may be appended afterwards. */
  flush(): void {
    this.reasoningCoalescer.flush()
    this.coalescer.flush()
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

  /** Returns the reasoning that is not in the database yet. */
  unpersistedReasoning(): ReasoningPiece {
    return { offset: this.persistedReasoning, text: this.reasoning.slice(this.persistedReasoning) }
  }

  /** Records that so many characters of the reasoning are in the database. */
  markReasoningPersisted(length: number): void {
    this.persistedReasoning = length
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
