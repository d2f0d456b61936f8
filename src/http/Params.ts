import { Option, ParseResult, Schema } from "effect"
import { Offset, PageLimit, PageNumber } from "../domain/shared/Page"
import { Text } from "../domain/shared/Text"
import { example } from "./Example"

const IntegerFromString = Schema.compose(
  Schema.String.pipe(Schema.pattern(/^-?\d+$/, { message: () => "must be a whole number" })),
  Schema.NumberFromString,
).annotations({
  jsonSchema: { type: "integer" },
})

/**
 * An optional integer query parameter, 1 or more. The annotations are on the encoded side, which is what
 * OpenAPI shows.
 */
export const IntParam = (
  number: Schema.Schema<number>,
  fallback: number,
  jsonSchema: { readonly [key: string]: unknown },
) =>
  Schema.optionalWith(
    Schema.compose(IntegerFromString, number).annotations({
      jsonSchema: { type: "integer", minimum: 1, default: fallback, ...jsonSchema },
    }),
    { default: () => fallback },
  )

/** A page number, from 1. */
export const PageParam = (fallback: number) =>
  IntParam(PageNumber, fallback, { description: "Page number, from 1" })

/** The number of items per page. */
export const LimitParam = (fallback: number, maximum = 1000) =>
  IntParam(PageLimit.pipe(Schema.lessThanOrEqualTo(maximum)), fallback, {
    maximum,
    description: "Items per page",
  })

/** The number of items before the requested ones. */
export const OffsetParam = Schema.optionalWith(
  Schema.compose(IntegerFromString, Offset).annotations({
    jsonSchema: { type: "integer", minimum: 0, default: 0, description: "Items to skip" },
  }),
  { default: () => 0 },
)

/** The number of items to skip; replaces `page`. */
export const SkipParam = Schema.optional(
  Schema.compose(IntegerFromString, Offset).annotations({
    jsonSchema: { type: "integer", minimum: 0, description: "Items to skip, instead of `page`" },
  }),
)

/** An optional text to filter by; empty, as forms send it, counts as absent. */
export const OptionalTextParam = (description: string) =>
  Schema.optionalToOptional(Text, Schema.String, {
    decode: Option.filter((text) => text !== ""),
    encode: (text) => text,
  }).annotations({ description })

/** An optional boolean query parameter. */
export const BooleanParam = (fallback: boolean, description: string) =>
  Schema.optionalWith(
    Schema.BooleanFromString.annotations({
      jsonSchema: { type: "boolean", default: fallback, description },
    }),
    { default: () => fallback },
  )

const clock = "(?:[01]\\d|2[0-3]):[0-5]\\d"
const isoDateTime = new RegExp(
  `^(\\d{4}-\\d{2}-\\d{2})(?:T(${clock}(?::[0-5]\\d(?:\\.\\d{1,9})?)?)(?:Z|([+-])(\\d{2}):?(\\d{2}))?)?$`,
)

/** Parses a date and time, in UTC if it names no zone; undefined if it does not exist, such as 31 February. */
const parseDateTime = (text: string): Date | undefined => {
  const [, date = "", time = "00:00", sign, hours, minutes] = isoDateTime.exec(text) ?? []
  const midnight = new Date(`${date}T00:00Z`)
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined
  const instant = new Date(`${date}T${time}${sign === undefined ? "Z" : `${sign}${hours}:${minutes}`}`)
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

/** A query parameter with a date and optional time, ISO 8601; UTC if it names no zone. */
export const DateTimeParam = Schema.transformOrFail(Schema.String, Schema.ValidDateFromSelf, {
  strict: true,
  decode: (text, _, ast) => {
    const date = parseDateTime(text)
    return date === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(date)
  },
  encode: (date) => ParseResult.succeed(date.toISOString()),
}).annotations({
  message: () => "must be an ISO 8601 date and time",
  jsonSchema: { type: "string", format: "date-time", description: "A point in time, ISO 8601" },
})

/** A time in a body, ISO 8601 in UTC. */
export const Timestamp = Schema.String.annotations({
  jsonSchema: { type: "string", format: "date-time" },
  ...example("2026-01-15T09:30:00.000Z"),
})
