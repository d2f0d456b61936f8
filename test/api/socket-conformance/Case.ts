import { encodeFrame, opcodes } from "../../support/webSocketFrames"

/** What a client does: it sends bytes as a segment of their own, or waits until it has received so many answers. */
type Step = Uint8Array | { readonly answers: number }

/** A case with what RFC 6455 expects of a server. */
export interface Case {
  /** The number of the same case in the Autobahn test suite, with a letter if it has several here. */
  readonly id: string
  readonly steps: ReadonlyArray<Step>
  /** The answers, in order: `message` with its text, `rejected`, or `pong` with its payload in hexadecimal. */
  readonly answers?: ReadonlyArray<string>
  /** The code of the server's close frame; by default the client closes with 1000 after the answers. */
  readonly closes?: number
  /** Whether the answers may be lost, because the connection fails right after what they answer. */
  readonly mayLoseAnswers?: boolean
  /** Whether it has a message that only some protocols on top of WebSocket answer. */
  readonly isMalformed?: boolean
}

export const { continuation, text, binary, close, ping, pong } = opcodes

/** Fragments a message into frames. */
export const fragment = (payload: string | Uint8Array, size: number, opcode: number = text) => {
  const bytes = Buffer.from(payload)
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) =>
    encodeFrame(index === 0 ? opcode : continuation, bytes.subarray(index * size, (index + 1) * size), {
      isFinal: index === count - 1,
    }),
  )
}

/** Chops what is sent into segments of a size, which end anywhere in a frame. */
export const chop = (size: number, ...frames: ReadonlyArray<Uint8Array>): ReadonlyArray<Step> => {
  const bytes = Buffer.concat(frames)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

/** Sends frames in one segment. */
export const together = (...frames: ReadonlyArray<Uint8Array>): ReadonlyArray<Step> => [Buffer.concat(frames)]

/** Returns the answer to a frame with this payload. */
export const pongWith = (payload: string | Uint8Array) => `pong ${Buffer.from(payload).toString("hex")}`
