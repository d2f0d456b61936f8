/** Receives what a response consists of, in order. */
interface Listener {
  /** The data of an event, with the event's name. */
  readonly onEvent: (data: string, name: string | undefined) => void
  /** More than `MAX_LENGTH` characters belong together; the rest is not read. */
  readonly onOverflow: (isDocument: boolean) => void
}

const MAX_LENGTH = 16 * 1024 * 1024

/** Characters kept of a response without events, for the log. */
const PREVIEW_LENGTH = 300

/** Parses JSON; undefined when it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isBody = (line: string) => Array.isArray(Object(parseJson(line)).choices)

/**
 * Reads a response as what it is, whatever its content type says: an event stream, bodies in JSON line by
 * line, or one JSON document. An event is passed on at its blank line. Lines that are no fields of an event
 * stream are ignored, except JSON objects and what llama.cpp sends: `error: {…}`.
 */
export class ResponseReader {
  /** The start of the response, until an event has arrived. */
  preview: string | undefined = ""
  #format: "unknown" | "events" | "json" | "lines" | "document" = "unknown"
  /** The pieces of the line that has not ended yet, or of the document. Joined once, since they may be many. */
  #pieces: Array<string> = []
  #length = 0
  #data: string | undefined
  #name: string | undefined
  readonly #listener: Listener

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** Reads text, split anywhere. */
  feed(text: string) {
    if (this.preview !== undefined && this.preview.length < PREVIEW_LENGTH) {
      this.preview += text.slice(0, PREVIEW_LENGTH)
    }
    this.#pieces.push(text)
    this.#length += text.length
    if (this.#length > MAX_LENGTH) return this.#overflow()
    if (this.#format === "unknown") this.#recognize()
    if (this.#format === "document" || !/[\r\n]/.test(text)) return
    if (this.#format === "json") this.#recognizeLines()
    if (this.#format === "events" || this.#format === "lines") this.#readLines()
  }

  /** Reads the end of the response. Returns the document, if that is what it was. */
  end(): string | undefined {
    const rest = this.#take()
    if (this.#format === "json" || this.#format === "document") return rest
    // Some servers omit the last blank line.
    if (this.#format === "lines") this.#onLine(rest)
    else for (const line of [rest, ""]) this.#onField(line)
    return undefined
  }

  #join() {
    return this.#pieces.length === 1 ? (this.#pieces[0] ?? "") : this.#pieces.join("")
  }

  #take() {
    const text = this.#join()
    this.#pieces = []
    this.#length = 0
    return text
  }

  #overflow() {
    this.#take()
    this.#listener.onOverflow(this.#format === "json" || this.#format === "document")
  }

  /** Tells the format by the first character. */
  #recognize() {
    const first = this.#join().trimStart()[0]
    if (first !== undefined) this.#format = '{["'.includes(first) ? "json" : "events"
  }

  /** Tells JSON lines from a document by the first line. */
  #recognizeLines() {
    const [line = "", rest] = this.#join().trimStart().split("\n", 2)
    if (rest !== undefined) this.#format = isBody(line) ? "lines" : "document"
  }

  #readLines() {
    const text = this.#take()
    let start = 0
    for (let end = lineEnd(text, start); end >= 0; end = lineEnd(text, start)) {
      const line = text.slice(start, end)
      start = end + (text.startsWith("\r\n", end) ? 2 : 1)
      if (this.#format === "lines") this.#onLine(line)
      else this.#onField(line)
    }
    if (start === text.length) return
    this.#pieces.push(text.slice(start))
    this.#length = text.length - start
  }

  #emit(data: string, name?: string) {
    this.preview = undefined
    this.#listener.onEvent(data, name)
  }

  #onLine(line: string) {
    if (line.trim() !== "") this.#emit(line)
  }

  #onField(line: string) {
    if (line.startsWith("data:")) {
      const data = line.slice(line[5] === " " ? 6 : 5)
      this.#data = this.#data === undefined ? data : `${this.#data}\n${data}`
      if (this.#data.length > MAX_LENGTH) this.#overflow()
    } else if (line === "") this.#endEvent()
    else if (line.startsWith("event:")) this.#name = line.slice(6).trim()
    else if (line.startsWith("error:")) this.#emit(line.slice(6), "error")
    else if (line.startsWith("{") && parseJson(line) !== undefined) this.#emit(line)
  }

  #endEvent() {
    const [data, name] = [this.#data, this.#name]
    this.#data = this.#name = undefined
    if (data !== undefined) this.#emit(data, name)
  }
}

/** Returns where the line ends; a CR at the very end may be half of a line's end, and waits. */
const lineEnd = (text: string, start: number): number => {
  const feed = text.indexOf("\n", start)
  const carriage = text.indexOf("\r", start)
  if (carriage < 0 || (feed >= 0 && feed < carriage)) return feed
  return carriage === text.length - 1 ? -1 : carriage
}
