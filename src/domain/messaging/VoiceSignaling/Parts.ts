/** A notification holds at most 8,000 bytes. */
const MAX_PART_CHARS = 7_500

/** Escapes everything but ASCII in JSON, so that a character is a byte. */
const toAscii = (json: string) =>
  json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Splits JSON into parts that fit into notifications, each with the message's id and its place. */
export const splitIntoParts = (id: string, json: string): ReadonlyArray<string> => {
  const text = toAscii(json)
  const count = Math.ceil(text.length / MAX_PART_CHARS)
  return Array.from(
    { length: count },
    (_, index) =>
      `${id} ${index + 1} ${count} ${text.slice(index * MAX_PART_CHARS, (index + 1) * MAX_PART_CHARS)}`,
  )
}

/**
 * Joins parts to messages again. The parts of one transaction arrive one after another and in order, so that no
 * more than one message is incomplete at a time.
 */
export const makePartJoiner = () => {
  let pending = { id: "", text: "" }

  /** Returns the JSON of a message with its last part. */
  return (part: string): string | undefined => {
    const [, id = "", index, count, text = ""] = /^(\S+) (\d+) (\d+) (.*)$/.exec(part) ?? []
    pending = { id, text: pending.id === id && index !== "1" ? pending.text + text : text }
    return index === count ? pending.text : undefined
  }
}
