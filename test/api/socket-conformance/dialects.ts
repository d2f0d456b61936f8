/** How a protocol on top of WebSocket answers, so that its frames can be tested. */
export interface Dialect {
  /** Makes a message that is answered with its text. Its size in bytes, if given, is reached with padding. */
  readonly message: (text: string, size?: number) => string
  /** Reads the answer to such a message, or `rejected`; undefined for what is no answer. */
  readonly answer: (payload: string) => string | undefined
  /** Whether a message that is none of the protocol is answered, and does not close the connection. */
  readonly answersMalformed: boolean
}

const pad = (size: number | undefined, make: (padding: string) => string) =>
  make(size === undefined ? "" : "x".repeat(size - Buffer.byteLength(make(""))))

/** PlexiChat's frames: `ping` is answered with `pong` and the same id. */
export const plexiChat: Dialect = {
  message: (text, size) =>
    pad(size, (padding) => JSON.stringify({ type: "ping", data: { padding }, id: text })),
  answer: (payload) => {
    const { type, id, data } = JSON.parse(payload)
    if (type === "pong") return id
    return data.code === "INVALID_FRAME" ? "rejected" : undefined
  },
  answersMalformed: true,
}

/** UniChat's Socket.IO: connecting to a namespace that does not exist is answered with its name. */
export const socketIo: Dialect = {
  message: (text, size) => pad(size, (padding) => `40/${text},${JSON.stringify({ padding })}`),
  answer: (payload) => /^44\/(.*),/s.exec(payload)?.[1],
  answersMalformed: false,
}
