import { encodeFrame } from "../../support/webSocketFrames"
import { type Case, chop, continuation, fragment, ping, pongWith, text } from "./Case"
import type { Dialect } from "./dialects"

const INVALID_PAYLOAD = 1007

const hex = (...sequences: ReadonlyArray<string>) => sequences.map((sequence) => Buffer.from(sequence, "hex"))

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

/** Greek text of 11 bytes. */
const kosme = Buffer.from("cebae1bdb9cf83cebcceb5", "hex")

const incomplete = hex(
  "c0",
  "e080",
  "f08080",
  "f8808080",
  "fc80808080",
  "df",
  "efbf",
  "f7bfbf",
  "fbbfbfbf",
  "fdbfbfbfbf",
)

/** The characters at the end of each plane, which are valid UTF-8 although they are none. */
const nonCharacters = range(1, 17).flatMap((plane) => [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff])

/** Sections 6.5 to 6.23: the sequences of the UTF-8 stress test, by section. */
const sequences: Readonly<Record<string, ReadonlyArray<Uint8Array>>> = {
  "6.5": [
    ...["hello$world", "hello¢world", "hello€world", "hello\u{24b62}world"].map((valid) =>
      Buffer.from(valid),
    ),
    kosme,
  ],
  "6.6": range(1, kosme.length + 1).map((length) => kosme.subarray(0, length)),
  "6.7": hex("00", "c280", "e0a080", "f0908080"),
  "6.8": hex("f888808080", "fc8480808080"),
  "6.9": hex("7f", "dfbf", "efbfbf", "f48fbfbf"),
  "6.10": hex("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
  "6.11": hex("ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"),
  "6.12": [
    ...hex("80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"),
    Buffer.from(range(0x80, 0xbf)),
  ],
  "6.13": [
    [0xc0, 0xdf],
    [0xe0, 0xef],
    [0xf0, 0xf7],
    [0xf8, 0xfb],
    [0xfc, 0xfd],
  ].map(([from = 0, to = 0]) => Buffer.from(range(from, to).flatMap((byte) => [byte, 0x20]))),
  "6.14": incomplete,
  "6.15": [Buffer.concat(incomplete)],
  "6.16": hex("fe", "ff", "fefeffff"),
  "6.17": hex("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
  "6.18": hex("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
  "6.19": hex("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
  "6.20": hex("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
  "6.21": ["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) => hex(`${high}edb080`, `${high}edbfbf`)),
  "6.22": [0xfffe, 0xffff, ...nonCharacters].map((code) => Buffer.from(String.fromCodePoint(code))),
  "6.23": range(0xfff9, 0x10000).map((code) => Buffer.from(String.fromCodePoint(code))),
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Returns the text that bytes are in UTF-8, or undefined. */
const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** Section 6: text in UTF-8, which may be fragmented anywhere, and what is none. */
export const utf8Cases = ({ message }: Dialect): ReadonlyArray<Case> => {
  const malformed = { answers: ["rejected"], isMalformed: true }
  const failed = { closes: INVALID_PAYLOAD }
  const umlauts = "Hello-µ@ßöäüàá-UTF-8!!"
  const greek = kosme.toString()
  const empty = (opcode: number, isFinal: boolean) => encodeFrame(opcode, "", { isFinal })
  const invalid = Buffer.concat([kosme, ...hex("eda080"), Buffer.from("edited")])
  const outOfRange = Buffer.concat([kosme, ...hex("f4908080"), Buffer.from("edited")])
  /** The invalid text in three parts: all that comes before it is accepted, and at the end the connection fails. */
  const inParts = (id: string, ends: readonly [number, number]): Case => ({
    id,
    steps: [
      encodeFrame(text, outOfRange.subarray(0, ends[0]), { isFinal: false }),
      encodeFrame(ping, "still open"),
      { answers: 1 },
      encodeFrame(continuation, outOfRange.subarray(...ends), { isFinal: false }),
      encodeFrame(continuation, outOfRange.subarray(ends[1])),
    ],
    answers: [pongWith("still open")],
    ...failed,
  })
  /** The valid sequences of a section as messages over one connection, and each invalid one over its own. */
  const sequenceCases = (section: string, all: ReadonlyArray<Uint8Array>): ReadonlyArray<Case> => {
    const texts = all.flatMap((bytes) => decode(bytes) ?? [])
    const invalid = all.flatMap((bytes, index) =>
      decode(bytes) === undefined
        ? { id: `${section}.${index + 1}`, steps: [encodeFrame(text, bytes)], ...failed }
        : [],
    )
    const steps = texts.map((valid) => encodeFrame(text, message(valid)))
    const answers = texts.map((valid) => `message ${valid}`)
    return texts.length === 0 ? invalid : [{ id: section, steps, answers }, ...invalid]
  }
  return [
    { id: "6.1.1", steps: [empty(text, true)], ...malformed },
    {
      id: "6.1.2",
      steps: [empty(text, false), empty(continuation, false), empty(continuation, true)],
      ...malformed,
    },
    {
      id: "6.1.3",
      steps: [
        empty(text, false),
        encodeFrame(continuation, message("middle"), { isFinal: false }),
        empty(continuation, true),
      ],
      answers: ["message middle"],
    },
    { id: "6.2.1", steps: [encodeFrame(text, message(umlauts))], answers: [`message ${umlauts}`] },
    {
      id: "6.2.2",
      steps: fragment(message(umlauts), Buffer.from(message(umlauts)).indexOf("ü")),
      answers: [`message ${umlauts}`],
    },
    { id: "6.2.3", steps: fragment(message(umlauts), 1), answers: [`message ${umlauts}`] },
    { id: "6.2.4", steps: fragment(message(greek), 1), answers: [`message ${greek}`] },
    { id: "6.3.1", steps: [encodeFrame(text, invalid)], ...failed },
    { id: "6.3.2", steps: fragment(invalid, 1), ...failed },
    inParts("6.4.1", [11, 15]),
    inParts("6.4.2", [12, 13]),
    { id: "6.4.3", steps: chop(21, encodeFrame(text, outOfRange)), ...failed },
    { id: "6.4.4", steps: chop(19, encodeFrame(text, outOfRange)), ...failed },
    ...Object.entries(sequences).flatMap(([section, all]) => sequenceCases(section, all)),
  ]
}
