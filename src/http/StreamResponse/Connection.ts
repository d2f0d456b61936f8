import { Effect } from "effect"
import type { Actor } from "../../domain/shared/Actor"

/** The server side of an open streamed response. */
export class Connection {
  /** Settles when the socket has drained; undefined while it accepts writes. */
  private backpressure: Promise<void> | undefined
  private closed = false
  private idleTicks = 0

  /** Aborts the response; does nothing before the stream has started. */
  abort = () => {}

  /** `actor`: the user whose session must stay active, if any. */
  constructor(
    private readonly controller: ReadableStreamDirectController,
    private readonly hasComments: boolean,
    readonly actor?: Actor,
  ) {}

  /** Writes `text` to the socket; false when the caller must wait for `writable` before it writes more. */
  write(text: string): boolean {
    this.send(text)
    return this.backpressure === undefined
  }

  /** Completes when the socket has drained. Writing without waiting would fill the server's memory. */
  readonly writable: Effect.Effect<void> = Effect.suspend(() => {
    const { backpressure: stalled } = this
    return stalled === undefined ? Effect.void : Effect.promise(() => stalled)
  })

  /**
   * Writes a comment between two frames, if the format has comments; skipped under backpressure, since the
   * client is not reading.
   */
  comment(text: string): void {
    if (this.hasComments && this.backpressure === undefined) this.send(text)
  }

  private send(text: string): void {
    if (this.closed || text === "") return
    this.idleTicks = 0
    const accepted = this.controller.write(text)
    if (typeof accepted === "number") return
    const onDrain = () => {
      this.backpressure = undefined
    }
    this.backpressure = accepted.then(onDrain, onDrain)
  }

  /** Counts a timer tick without a frame, and sends `text` after `ticks` of them in a row. */
  tick(ticks: number, text: string): void {
    this.idleTicks++
    if (this.idleTicks >= ticks) this.comment(text)
  }

  /** Ends the response; with an `error`, such that the client cannot take it for complete. */
  close(error?: Error): void {
    if (this.closed) return
    this.closed = true
    this.controller.close(error)
  }

  /** Marks the client as disconnected. */
  markClosed(): void {
    this.closed = true
  }
}
