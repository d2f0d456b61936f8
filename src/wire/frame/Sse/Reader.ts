/** The open end of a response that someone reads as it is written. */
export class Reader {
  /** Settles when the reader has taken what was written; undefined while it keeps up. */
  private stalled: Promise<unknown> | undefined
  private closed = false
  private quietFor = 0

  constructor(private readonly controller: ReadableStreamDirectController) {}

  /**
   * Hands `text` to the socket. Gives back nothing if there is room for more, or else a promise
   * that settles when there is: writing on regardless is what fills a server's memory.
   */
  write(text: string): Promise<unknown> | undefined {
    if (this.closed || text === "") return undefined
    this.quietFor = 0
    const taken = this.controller.write(text)
    if (typeof taken === "number") return undefined
    this.stalled = taken
    const moving = () => {
      this.stalled = undefined
    }
    taken.then(moving, moving)
    return taken
  }

  /** Writes between two frames, unless the reader has yet to take the one before. */
  tell(text: string): void {
    if (this.stalled === undefined) this.write(text)
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
