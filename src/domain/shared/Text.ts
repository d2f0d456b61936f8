import { Schema } from "effect"

/**
 * Text that every database can keep and give back unchanged: no NUL, no half of a surrogate
 * pair.
 */
export const Text = Schema.String.pipe(
  Schema.filter((text) => !text.includes("\u0000") || "must not contain NUL characters"),
  Schema.filter((text) => text.isWellFormed() || "must be well-formed Unicode"),
)

/** Text of which there is some. */
export const NonEmptyText = Text.pipe(Schema.minLength(1, { message: () => "must not be empty" }))

/**
 * Whether a text has `min` to `max` characters, as people and OpenAPI count them: an emoji is one,
 * though it takes two of a string's units. What is much too long is not counted through.
 */
export const lengthBetween = (text: string, min: number, max: number): boolean => {
  if (text.length < min || text.length > 2 * max) return false
  const length = [...text].length
  return length >= min && length <= max
}

/** Text as long as a person may want, to `max` characters, and at least `min`. */
export const MultilineText = (min: number, max: number) =>
  Text.pipe(
    Schema.filter(
      (text) =>
        (text.trim().length >= min && lengthBetween(text, min, max)) ||
        (min > 0 && text.trim().length < min ? "must not be empty" : `must be at most ${max} characters`),
      { jsonSchema: { type: "string", minLength: min, maxLength: max } },
    ),
  )

/** A line that a person typed: trimmed, and between `min` and `max` characters after that. */
export const SingleLineText = (min: number, max: number) =>
  Schema.compose(Schema.Trim, Text, { strict: false }).pipe(
    Schema.filter(
      (line) =>
        (lengthBetween(line, min, max) && !/[\r\n]/.test(line)) ||
        `must be one line of ${min} to ${max} characters`,
      { jsonSchema: { type: "string", minLength: min, maxLength: max } },
    ),
  )

/** The first words of a text, at most 60 characters of its first line, cut between two of them if possible. */
export const truncateAtWord = (text: string): string => {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? ""
  if (lengthBetween(line, 0, 60)) return line
  const cut = [...line.slice(0, 120)].slice(0, 60).join("").toWellFormed()
  const space = cut.lastIndexOf(" ")
  return `${(space > 20 ? cut.slice(0, space) : cut).trimEnd()}…`
}
