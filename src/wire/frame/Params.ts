import { Schema } from "effect"
import { PageLimit, PageNumber } from "../../domain/kernel/Page"

const WholeNumber = Schema.NumberFromString.annotations({ jsonSchema: { type: "integer" } })

/** A query parameter that names a page, from 1. */
export const PageParam = (fallback: number) =>
  Schema.optionalWith(Schema.compose(WholeNumber, PageNumber), { default: () => fallback }).annotations({
    description: "Page number, from 1",
    jsonSchema: { type: "integer", minimum: 1, default: fallback },
  })

/** A query parameter that says how many items a page holds. */
export const LimitParam = (fallback: number) =>
  Schema.optionalWith(Schema.compose(WholeNumber, PageLimit), { default: () => fallback }).annotations({
    description: "Items per page, 1 to 1000",
    jsonSchema: { type: "integer", minimum: 1, maximum: 1000, default: fallback },
  })

const isoDateTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** A query parameter that is a point in time, ISO 8601. */
export const DateTimeParam = Schema.compose(
  Schema.String.pipe(Schema.pattern(isoDateTime, { message: () => "must be an ISO 8601 date and time" })),
  Schema.Date,
).annotations({ description: "ISO 8601 date and time", jsonSchema: { type: "string", format: "date-time" } })
