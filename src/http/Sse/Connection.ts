import { Effect } from "effect"
import type { Actor } from "../../domain/shared/Actor"

/** The open end of a response that someone reads as it is written. */
export class Reader {
  /** Settles when the socket has room again; absent while it has. */
  private stalled: Promise<void> | undefined
  private closed = false
  private quietFor = 0

  /** Breaks the response off; nothing to cut before somebody writes to it. */
  cut = () => {}

  /** `actor` is whose session must be open for this to go on, if any must. */
  constructor(
    private readonly controller: ReadableStreamDirectController,
    readonly actor?: Actor,
  ) {}

  /** Hands `text` to the socket; false when it has no room for more until `room` says so. */
  put(text: string): boolean {
    this.write(text)
    return this.stalled === undefined
  }

  /** Ends when the socket has room for more: writing on regardless is what fills a server's memory. */
  readonly room: Effect.Effect<void> = Effect.suspend(() => {
    const { stalled } = this
    return stalled === undefined ? Effect.void : Effect.promise(() => stalled)
  })

  /** Writes between two frames, unless the socket is full: who does not read has no use for it. */
  tell(text: string): void {
    if (this.stalled === undefined) this.write(text)
  }

  private write(text: string): void {
    if (this.closed || text === "") return
    this.quietFor = 0
    const taken = this.controller.write(text)
    if (typeof taken === "number") return
    const moving = () => {
      this.stalled = undefined
    }
    this.stalled = taken.then(moving, moving)
  }

  /** Counts a tick of the clock without a frame; on the last of `ticks` in a row says `text`. */
  tick(ticks: number, text: string): void {
    this.quietFor++
    if (this.quietFor >= ticks) this.tell(text)
  }

  /** Ends the response; with an `error`, in a way that the other side cannot take for its end. */
  close(error?: Error): void {
    if (this.closed) return
    this.closed = true
    this.controller.close(error)
  }

  /** There is nobody to write to any more. */
  gone(): void {
    this.closed = true
  }
}
