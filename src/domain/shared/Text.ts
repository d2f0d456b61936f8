import { Schema } from "effect"

/**
 * Text that every database stores and returns unchanged: without NUL characters and lone
 * surrogates.
 */
export const Text = Schema.String.pipe(
  Schema.filter((text) => !text.includes("\u0000") || "must not contain NUL characters"),
  Schema.filter((text) => text.isWellFormed() || "must be well-formed Unicode"),
)

/** Text of at least one character. */
export const NonEmptyText = Text.pipe(Schema.minLength(1, { message: () => "must not be empty" }))

/**
 * Returns whether a text has `min` to `max` characters, counted as code points, as OpenAPI does: an
 * emoji is one, though it takes two UTF-16 units. Far too long texts are rejected without counting.
 */
export const lengthBetween = (text: string, min: number, max: number): boolean => {
  if (text.length < min || text.length > 2 * max) return false
  const length = [...text].length
  return length >= min && length <= max
}

/** Text of any number of lines, `min` to `max` characters in total. */
export const MultilineText = (min: number, max: number) =>
  Text.pipe(
    Schema.filter(
      (text) =>
        (text.trim().length >= min && lengthBetween(text, min, max)) ||
        (min > 0 && text.trim().length < min ? "must not be empty" : `must be at most ${max} characters`),
      { jsonSchema: { type: "string", minLength: min, maxLength: max } },
    ),
  )

/** One line of text: trimmed, and then `min` to `max` characters. */
export const SingleLineText = (min: number, max: number) =>
  Schema.compose(Schema.Trim, Text, { strict: false }).pipe(
    Schema.filter(
      (line) =>
        (lengthBetween(line, min, max) && !/[\r\n]/.test(line)) ||
        `must be one line of ${min} to ${max} characters`,
      { jsonSchema: { type: "string", minLength: min, maxLength: max } },
    ),
  )

/** Truncates a text to at most 60 characters of its first line, between two words if possible. */
export const truncateAtWord = (text: string): string => {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? ""
  if (lengthBetween(line, 0, 60)) return line
  const cut = [...line.slice(0, 120)].slice(0, 60).join("").toWellFormed()
  const space = cut.lastIndexOf(" ")
  return `${(space > 20 ? cut.slice(0, space) : cut).trimEnd()}…`
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Returns whether a text is one character as people see it, such as an emoji with its skin tone. */
export const isOneGrapheme = (text: string): boolean => {
  const [first] = graphemes.segment(text)
  return first?.segment === text
}
