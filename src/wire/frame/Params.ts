import { Schema } from "effect"
import { PageLimit, PageNumber } from "../../domain/kernel/Page"

const WholeNumber = Schema.NumberFromString.annotations({
  message: () => "must be a whole number",
  jsonSchema: { type: "integer" },
})

/**
 * A query parameter that is a whole number, 1 or more, and may be left out. Annotations stand on
 * what is read, which is what OpenAPI sees.
 */
export const WholeParam = (
  number: Schema.Schema<number>,
  fallback: number,
  jsonSchema: { readonly [key: string]: unknown },
) =>
  Schema.optionalWith(
    Schema.compose(WholeNumber, number).annotations({
      jsonSchema: { type: "integer", minimum: 1, default: fallback, ...jsonSchema },
    }),
    { default: () => fallback },
  )

/** A query parameter that names a page, from 1. */
export const PageParam = (fallback: number) =>
  WholeParam(PageNumber, fallback, { description: "Page number, from 1" })

/** A query parameter that says how many items a page holds. */
export const LimitParam = (fallback: number) =>
  WholeParam(PageLimit, fallback, { maximum: 1000, description: "Items per page" })

/** A query parameter that leaves out so many items before the first, whatever the page. */
export const SkipParam = Schema.optional(
  Schema.compose(WholeNumber, Schema.Int.pipe(Schema.between(0, 1_000_000_000))).annotations({
    jsonSchema: { type: "integer", minimum: 0, description: "Items to leave out, instead of `page`" },
  }),
)

/** A query parameter that is true or false, and may be left out. */
export const BooleanParam = (fallback: boolean, description: string) =>
  Schema.optionalWith(
    Schema.BooleanFromString.annotations({
      jsonSchema: { type: "boolean", default: fallback, description },
    }),
    { default: () => fallback },
  )

const isoDateTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

const isDateTime = (text: string) => isoDateTime.test(text) && !Number.isNaN(Date.parse(text))

/** A query parameter that is a point in time, ISO 8601. */
export const DateTimeParam = Schema.compose(
  Schema.String.pipe(Schema.filter((text) => isDateTime(text) || "must be an ISO 8601 date and time")),
  Schema.Date,
).annotations({
  jsonSchema: { type: "string", format: "date-time", description: "A point in time, ISO 8601" },
})

/** A point in time that a body tells, ISO 8601 in UTC. */
export const Timestamp = Schema.String.annotations({ jsonSchema: { type: "string", format: "date-time" } })
