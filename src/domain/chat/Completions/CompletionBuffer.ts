import { TextCoalescer } from "../../models/TextCoalescer"
import type { Pull, PullSource } from "../../shared/PullSource"
import type { CompletionEvent } from "./Model"

/**
 * The text of a streamed completion that its one reader has not pulled yet. A reader that is slower than the
 * model gets all that has arrived as one part, so that a part is never queued behind another.
 */
export class CompletionBuffer implements PullSource<CompletionEvent> {
  /** The whole text so far, for the estimate of what it cost. */
  text = ""
  /** What the model reasoned so far, which costs as much but is not passed on. */
  reasoning = ""
  private unread = ""
  private end: CompletionEvent | undefined
  private isDone = false
  private onChange: (() => void) | undefined
  private readonly coalescer: TextCoalescer

  /** `coalesceWindow` is in milliseconds. */
  constructor(
    coalesceWindow: number,
    /** Called when the reader closes the completion. */
    readonly close: () => void,
  ) {
    this.coalescer = new TextCoalescer(coalesceWindow, (text) => {
      this.text += text
      this.unread += text
      this.notify()
    })
  }

  append(text: string): void {
    this.coalescer.append(text)
  }

  /** Passes on text that is still being coalesced. No text may be appended afterwards. */
  flush(): void {
    this.coalescer.flush()
  }

  finish(end: CompletionEvent): void {
    this.end = end
    this.notify()
  }

  /**
   * Calls `callback` once, as soon as there is text to read or the completion has ended. Returns a function
   * that unsubscribes it.
   */
  await(callback: () => void): () => void {
    this.onChange = callback
    if (this.unread !== "" || this.end !== undefined) this.notify()
    return () => {
      this.onChange = undefined
    }
  }

  private notify(): void {
    const callback = this.onChange
    this.onChange = undefined
    callback?.()
  }

  readonly next = (): Pull<CompletionEvent> => {
    if (this.unread !== "") {
      const text = this.unread
      this.unread = ""
      return { _tag: "Items", items: [{ type: "text", text }] }
    }
    if (this.isDone) return { _tag: "End" }
    if (this.end === undefined) return { _tag: "Wait", await: (wake) => this.await(wake) }
    this.isDone = true
    return { _tag: "Items", items: [this.end] }
  }
}
