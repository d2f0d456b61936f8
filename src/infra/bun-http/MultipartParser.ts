/** The body is not a form as RFC 7578 defines it. */
class MalformedMultipart extends Error {
  override readonly name = "MalformedMultipart"
}

/** What a part says about itself. */
interface PartHeaders {
  readonly name: string
  /** Present if the part is a file; empty if the user selected none. */
  readonly fileName: string | undefined
  readonly contentType: string | undefined
}

export type MultipartToken =
  | { readonly _tag: "Part"; readonly headers: PartHeaders }
  | { readonly _tag: "Content"; readonly bytes: Uint8Array }
  | { readonly _tag: "PartEnd" }
  | { readonly _tag: "End" }

/** The maximum size of the headers of one part, in bytes. */
const MAX_HEADER_SIZE = 16 * 1024

const CR = 13
const headersEnd = Buffer.from("\r\n\r\n")

const utf8 = new TextDecoder("utf-8", { fatal: true })

const parameterPattern = /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))/gy

/** Decodes a quoted name: browsers escape three characters with percent signs, curl escapes with backslashes. */
const unescape = (text: string) =>
  text.replace(/\\(["\\])/g, "$1").replace(/%(?:22|0D|0A)/gi, (escape) => decodeURIComponent(escape))

/** Parses the parameters of a `Content-Disposition: form-data` header. */
const parseDisposition = (header: string): ReadonlyMap<string, string> => {
  const [type = ""] = /^[\w-]+/.exec(header) ?? []
  if (type.toLowerCase() !== "form-data") throw new MalformedMultipart("not a form field")
  const parameters = new Map<string, string>()
  for (const [, key = "", quoted, token = ""] of header.slice(type.length).matchAll(parameterPattern))
    parameters.set(key.toLowerCase(), quoted === undefined ? token : unescape(quoted))
  return parameters
}

const decodeExtended = (value: string): string => {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value) ?? []
  if (encoded === undefined) throw new MalformedMultipart("unsupported character set of a file name")
  return decodeURIComponent(encoded)
}

const parseHeaders = (bytes: Uint8Array): PartHeaders => {
  const headers = new Map<string, string>()
  for (const line of utf8.decode(bytes).split("\r\n")) {
    const colon = line.indexOf(":")
    if (colon < 1) throw new MalformedMultipart("invalid header of a part")
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const parameters = parseDisposition(headers.get("content-disposition") ?? "")
  const name = parameters.get("name")
  const extended = parameters.get("filename*")
  if (name === undefined) throw new MalformedMultipart("a part without a name")
  return {
    name,
    fileName: extended === undefined ? parameters.get("filename") : decodeExtended(extended),
    contentType: headers.get("content-type"),
  }
}

/**
 * Parses the body of a form as it arrives: `push` adds bytes, and `next` returns what they contain, or
 * undefined while it needs more. Once it needs more, it holds nothing of the chunks that were pushed: what
 * is left of them, the beginning of a delimiter or of headers, is copied.
 */
export class MultipartParser {
  /** Begins with a line break, so that the first delimiter looks like the others. */
  private buffer: Buffer = Buffer.from("\r\n")
  private readonly delimiter: Buffer
  private state: "preamble" | "delimiter" | "headers" | "content" | "end" = "preamble"

  constructor(boundary: string) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`)
  }

  push(chunk: Uint8Array): void {
    this.buffer =
      this.buffer.byteLength === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([this.buffer, chunk])
  }

  /** Whether the content of the last part has not ended. */
  get isInsidePart(): boolean {
    return this.state === "content"
  }

  /** Returns the next token. Throws MalformedMultipart. */
  next(): MultipartToken | undefined {
    const token = this.parse()
    if (token === undefined) this.buffer = Buffer.from(this.buffer)
    return token
  }

  private parse(): MultipartToken | undefined {
    switch (this.state) {
      case "preamble":
        return this.skipPreamble()
      case "delimiter":
        return this.afterDelimiter()
      case "headers":
        return this.parsePart()
      case "content":
        return this.takeContent()
      case "end":
        return { _tag: "End" }
    }
  }

  private take(length: number): Buffer {
    const taken = this.buffer.subarray(0, length)
    this.buffer = this.buffer.subarray(length)
    return taken
  }

  private skipPreamble(): MultipartToken | undefined {
    const start = this.buffer.indexOf(this.delimiter)
    if (start === -1) {
      this.takeBeforeDelimiter()
      return undefined
    }
    this.take(start + this.delimiter.byteLength)
    this.state = "delimiter"
    return this.parse()
  }

  /** Takes the bytes that cannot be the beginning of a delimiter, which are nearly always all. */
  private takeBeforeDelimiter(): Buffer {
    const { buffer, delimiter } = this
    let start = buffer.indexOf(CR, Math.max(0, buffer.byteLength - delimiter.byteLength + 1))
    while (start !== -1 && !delimiter.subarray(0, buffer.byteLength - start).equals(buffer.subarray(start)))
      start = buffer.indexOf(CR, start + 1)
    return this.take(start === -1 ? buffer.byteLength : start)
  }

  private afterDelimiter(): MultipartToken | undefined {
    if (this.buffer.byteLength < 2) return undefined
    const ending = this.take(2).toString("latin1")
    if (ending === "--") this.state = "end"
    else if (ending === "\r\n") this.state = "headers"
    else throw new MalformedMultipart("a delimiter without a line break")
    return this.parse()
  }

  private parsePart(): MultipartToken | undefined {
    const end = this.buffer.indexOf(headersEnd)
    if (end > MAX_HEADER_SIZE || (end === -1 && this.buffer.byteLength > MAX_HEADER_SIZE))
      throw new MalformedMultipart("headers of a part are too large")
    if (end === -1) return undefined
    const headers = parseHeaders(this.take(end))
    this.take(headersEnd.byteLength)
    this.state = "content"
    return { _tag: "Part", headers }
  }

  private takeContent(): MultipartToken | undefined {
    const end = this.buffer.indexOf(this.delimiter)
    if (end === 0) {
      this.take(this.delimiter.byteLength)
      this.state = "delimiter"
      return { _tag: "PartEnd" }
    }
    const bytes = end === -1 ? this.takeBeforeDelimiter() : this.take(end)
    return bytes.byteLength === 0 ? undefined : { _tag: "Content", bytes }
  }
}
