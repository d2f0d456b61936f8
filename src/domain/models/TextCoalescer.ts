/** Splits off half a surrogate pair at the end of a text: it must wait for its other half. */
const splitSurrogate = (text: string): readonly [whole: string, rest: string] => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? [text.slice(0, -1), text.slice(-1)] : [text, ""]
}

/**
 * Joins a model's text that arrives in quick succession: passes the first part on at once, and later ones
 * at the end of the window that the one before opened. Half characters wait for their other half; what is
 * passed on is well-formed, without NUL characters, and never empty.
 */
export class TextCoalescer {
  private pending = ""
  private lastEmittedAt = Number.NEGATIVE_INFINITY
  private timer: Timer | undefined

  /** `window` is in milliseconds. */
  constructor(
    private readonly window: number,
    private readonly onText: (text: string) => void,
  ) {}

  /** Whether text waits for the end of the window, or for its other half. */
  get hasPending(): boolean {
    return this.pending !== ""
  }

  append(text: string): void {
    this.pending += text
    if (this.timer !== undefined) return
    const remaining = this.lastEmittedAt + this.window - performance.now()
    // A plain timer: a fiber per delta would cost more than everything else on its path.
    // biome-ignore lint/style/noRestrictedGlobals: see above
    if (remaining > 0) this.timer = setTimeout(this.emitWholeCharacters, remaining)
    else this.emitWholeCharacters()
  }

  private readonly emitWholeCharacters = (): void => {
    this.timer = undefined
    const [whole, rest] = splitSurrogate(this.pending)
    this.pending = rest
    this.emit(whole)
  }

  private emit(text: string): void {
    const clean = text.replaceAll("\u0000", "").toWellFormed()
    if (clean === "") return
    this.lastEmittedAt = performance.now()
    this.onText(clean)
  }

  /** Passes all pending text on; half a character at its end is lost. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const text = this.pending
    this.pending = ""
    this.emit(text)
  }
}
