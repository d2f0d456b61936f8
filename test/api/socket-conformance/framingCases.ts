import { encodeClose, encodeFrame } from "../../support/webSocketFrames"
import {
  binary,
  type Case,
  chop,
  close,
  continuation,
  fragment,
  ping,
  pong,
  pongWith,
  text,
  together,
} from "./Case"
import type { Dialect } from "./dialects"

const PROTOCOL_ERROR = 1002

const malformed = { answers: ["rejected"], isMalformed: true }

/** Section 1: sizes of text and binary messages. No protocol here has binary messages. */
const framing = ({ message }: Dialect): ReadonlyArray<Case> => {
  const sizes = [125, 126, 127, 128, 65_535, 65_536]
  const answers = ["message 1"]
  return [
    { id: "1.1.1", steps: [encodeFrame(text)], ...malformed },
    ...sizes.map((size, index) => ({
      id: `1.1.${index + 2}`,
      steps: [encodeFrame(text, message("1", size))],
      answers,
    })),
    { id: "1.1.8", steps: chop(997, encodeFrame(text, message("1", 65_536))), answers },
    ...[0, ...sizes].map((size, index) => ({
      id: `1.2.${index + 1}`,
      steps: [encodeFrame(binary, Buffer.alloc(size, 0xfe))],
      ...malformed,
    })),
    { id: "1.2.8", steps: chop(997, encodeFrame(binary, Buffer.alloc(65_536, 0xfe))), ...malformed },
  ]
}

/** Section 2: pings, which are answered with their payload, and pongs, which are not answered. */
const pings = (): ReadonlyArray<Case> => {
  const full = Buffer.alloc(125, 0xfe)
  const bytes = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])
  const ten = Array.from({ length: 10 }, (_, index) => `payload-${index}`)
  const pongs = { answers: ten.map(pongWith) }
  return [
    { id: "2.1", steps: [encodeFrame(ping)], answers: [pongWith("")] },
    { id: "2.2", steps: [encodeFrame(ping, "Hello, world!")], answers: [pongWith("Hello, world!")] },
    { id: "2.3", steps: [encodeFrame(ping, bytes)], answers: [pongWith(bytes)] },
    { id: "2.4", steps: [encodeFrame(ping, full)], answers: [pongWith(full)] },
    { id: "2.5", steps: [encodeFrame(ping, Buffer.alloc(126, 0xfe))], closes: PROTOCOL_ERROR },
    { id: "2.6", steps: chop(1, encodeFrame(ping, full)), answers: [pongWith(full)] },
    { id: "2.7", steps: [encodeFrame(pong)] },
    { id: "2.8", steps: [encodeFrame(pong, "unsolicited pong payload")] },
    {
      id: "2.9",
      steps: [encodeFrame(pong, "unsolicited pong payload"), encodeFrame(ping, "ping payload")],
      answers: [pongWith("ping payload")],
    },
    { id: "2.10", steps: ten.map((payload) => encodeFrame(ping, payload)), ...pongs },
    { id: "2.11", steps: chop(1, ...ten.map((payload) => encodeFrame(ping, payload))), ...pongs },
  ]
}

/** Sections 3 and 4: reserved bits and opcodes, of which no extension is negotiated. */
const reserved = ({ message }: Dialect): ReadonlyArray<Case> => {
  const hello = encodeFrame(text, message("Hello world!"))
  const failed = { closes: PROTOCOL_ERROR }
  const answeredBefore = { answers: ["message Hello world!"], mayLoseAnswers: true, ...failed }
  const withBits = (bits: number) => encodeFrame(text, message("Hello world!"), { reserved: bits })
  const pinged = encodeFrame(ping)
  const bytes = Buffer.from([0x00, 0xff, 0xfe])
  /** Frames with a reserved opcode: alone without and with a payload, and after a message and before a ping. */
  const opcodeCases = (section: string, first: number): ReadonlyArray<Case> => [
    { id: `${section}.1`, steps: [encodeFrame(first)], ...failed },
    { id: `${section}.2`, steps: [encodeFrame(first + 1, "reserved opcode payload")], ...failed },
    { id: `${section}.3`, steps: together(hello, encodeFrame(first + 2), pinged), ...answeredBefore },
    {
      id: `${section}.4`,
      steps: together(hello, encodeFrame(first + 3, "payload"), pinged),
      ...answeredBefore,
    },
    {
      id: `${section}.5`,
      steps: chop(1, hello, encodeFrame(first + 4, "payload"), pinged),
      ...answeredBefore,
    },
  ]
  return [
    { id: "3.1", steps: [withBits(1)], ...failed },
    { id: "3.2", steps: together(hello, withBits(2), pinged), ...answeredBefore },
    {
      id: "3.3",
      steps: [hello, { answers: 1 }, withBits(3), pinged],
      answers: answeredBefore.answers,
      ...failed,
    },
    { id: "3.4", steps: chop(1, hello, withBits(4), pinged), ...answeredBefore },
    { id: "3.5", steps: [encodeFrame(binary, bytes, { reserved: 5 })], ...failed },
    { id: "3.6", steps: [encodeFrame(ping, "Hello, world!", { reserved: 6 })], ...failed },
    { id: "3.7", steps: [encodeFrame(close, "", { reserved: 7 })], ...failed },
    ...opcodeCases("4.1", 3),
    ...opcodeCases("4.2", 11),
  ]
}

/** Section 5: messages in fragments, with control frames between them, and fragments of nothing. */
const fragmentation = ({ message }: Dialect): ReadonlyArray<Case> => {
  const failed = { closes: PROTOCOL_ERROR }
  const payload = Buffer.from(message("fragments"))
  const answers = ["message fragments"]
  const half = Math.ceil(payload.length / 2)
  const halves = fragment(payload, half)
  const first = encodeFrame(text, payload.subarray(0, half), { isFinal: false })
  const last = encodeFrame(continuation, payload.subarray(half))
  const pinged = encodeFrame(ping, "ping payload")
  const answersWithPong = [pongWith("ping payload"), ...answers]
  const split = (opcode: number) => [
    encodeFrame(opcode, "fragment1", { isFinal: false }),
    encodeFrame(continuation, "fragment2"),
  ]
  const hello = encodeFrame(text, message("Hello world!"))
  /** A continuation of nothing, in three ways of sending it. */
  const nothingToContinue = (id: number, isFinal: boolean): ReadonlyArray<Case> => {
    const stray = encodeFrame(continuation, "non-continuation payload", { isFinal })
    return [
      { id: `5.${id}`, steps: together(stray, hello), ...failed },
      { id: `5.${id + 1}`, steps: [stray, hello], ...failed },
      { id: `5.${id + 2}`, steps: chop(1, stray, hello), ...failed },
    ]
  }
  const strayTwice = (isFinal: boolean) => {
    const round = [encodeFrame(continuation, "fragment1", { isFinal }), ...halves]
    return [...round, ...round]
  }
  const fifths = fragment(payload, Math.ceil(payload.length / 5))
  const [one, two] = [encodeFrame(ping, "pongme 1!"), encodeFrame(ping, "pongme 2!")]
  const [start, end] = [fifths.slice(0, 2), fifths.slice(2, 4)]
  const pongsFirst = { answers: [pongWith("pongme 1!"), pongWith("pongme 2!"), ...answers] }
  return [
    { id: "5.1", steps: split(ping), ...failed },
    { id: "5.2", steps: split(pong), ...failed },
    { id: "5.3", steps: together(...halves), answers },
    { id: "5.4", steps: halves, answers },
    { id: "5.5", steps: chop(1, ...halves), answers },
    { id: "5.6", steps: together(first, pinged, last), answers: answersWithPong },
    { id: "5.7", steps: [first, pinged, last], answers: answersWithPong },
    { id: "5.8", steps: chop(1, first, pinged, last), answers: answersWithPong },
    ...nothingToContinue(9, true),
    ...nothingToContinue(12, false),
    {
      id: "5.15",
      steps: together(...halves, encodeFrame(continuation, "fragment3", { isFinal: false }), hello),
      answers,
      mayLoseAnswers: true,
      ...failed,
    },
    { id: "5.16", steps: strayTwice(false), ...failed },
    { id: "5.17", steps: strayTwice(true), ...failed },
    { id: "5.18", steps: together(first, encodeFrame(text, payload.subarray(half))), ...failed },
    {
      id: "5.19",
      steps: [...together(...start, one), { answers: 1 }, ...together(...end, two, ...fifths.slice(4))],
      ...pongsFirst,
    },
    { id: "5.20", steps: [...start, one, { answers: 1 }, ...end, two, ...fifths.slice(4)], ...pongsFirst },
  ]
}

/** Section 7: the close frames of the client. */
const closing = ({ message }: Dialect): ReadonlyArray<Case> => {
  const normal = encodeClose(1000)
  const hello = encodeFrame(text, message("Hello world!"))
  const closesNormally = { closes: 1000 }
  const failed = { closes: PROTOCOL_ERROR }
  const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
  const invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
  return [
    { id: "7.1.1", steps: [hello], answers: ["message Hello world!"] },
    { id: "7.1.2", steps: together(normal, encodeFrame(close)), ...closesNormally },
    { id: "7.1.3", steps: together(normal, encodeFrame(ping)), ...closesNormally },
    { id: "7.1.4", steps: together(normal, hello), ...closesNormally },
    {
      id: "7.1.5",
      steps: together(encodeFrame(text, "a", { isFinal: false }), normal, encodeFrame(continuation, "b")),
      ...closesNormally,
    },
    { id: "7.3.1", steps: [encodeFrame(close)], closes: 1005 },
    { id: "7.3.2", steps: [encodeFrame(close, "a")], ...failed },
    { id: "7.3.3", steps: [normal], ...closesNormally },
    { id: "7.3.4", steps: [encodeClose(1000, "Hello World!")], ...closesNormally },
    { id: "7.3.5", steps: [encodeClose(1000, "*".repeat(123))], ...closesNormally },
    { id: "7.3.6", steps: [encodeClose(1000, "*".repeat(124))], ...failed },
    { id: "7.5.1", steps: [encodeClose(1000, Buffer.from([0xce, 0xba, 0xed, 0xa0, 0x80]))], closes: 1007 },
    ...valid.map((code, index) => ({ id: `7.7.${index + 1}`, steps: [encodeClose(code)], closes: code })),
    ...invalid.map((code, index) => ({ id: `7.9.${index + 1}`, steps: [encodeClose(code)], ...failed })),
  ]
}

/** Sections 9 and 10: messages up to the limit of 256 KiB, in fragments and in segments of all sizes, and beyond it. */
const limits = ({ message }: Dialect): ReadonlyArray<Case> => {
  const limit = 256 * 1024
  const answers = ["message 1"]
  const tooBig = { closes: 1009 }
  const largest = encodeFrame(text, message("1", limit))
  const sizes = [64, 256, 1024, 4096, 16_384, 65_536]
  return [
    { id: "9.1.2a", steps: [largest], answers },
    { id: "9.1.2b", steps: [encodeFrame(text, message("1", limit + 1))], ...tooBig },
    { id: "9.1.3", steps: [encodeFrame(text, message("1", 2 * 1024 * 1024))], ...tooBig },
    { id: "9.2.3", steps: [encodeFrame(binary, Buffer.alloc(limit + 1))], ...tooBig },
    ...sizes.map((size, index) => ({
      id: `9.3.${index + 1}`,
      steps: together(...fragment(message("1", limit), size)),
      answers,
    })),
    { id: "9.3.7", steps: together(...fragment(message("1", limit + 1), 65_536)), ...tooBig },
    { id: "9.4.7", steps: together(...fragment(Buffer.alloc(limit + 1), 65_536, binary)), ...tooBig },
    ...[64, 128, 256, 512, 1024, 2048].map((size, index) => ({
      id: `9.5.${index + 1}`,
      steps: chop(size, largest),
      answers,
    })),
    { id: "10.1.1", steps: fragment(message("1", 65_536), 1300), answers },
  ]
}

/** The cases of frames, whatever is in them. */
export const framingCases = (dialect: Dialect): ReadonlyArray<Case> => [
  ...framing(dialect),
  ...pings(),
  ...reserved(dialect),
  ...fragmentation(dialect),
  ...closing(dialect),
  ...limits(dialect),
  // RFC 6455, 5.1: Autobahn has no such case.
  {
    id: "unmasked",
    steps: [encodeFrame(text, dialect.message("1"), { isMasked: false })],
    closes: PROTOCOL_ERROR,
  },
]
