import { Effect, Schema } from "effect"
import type { Page } from "../../domain/shared/Page"
import { type ErrorBody, exampleRequestId } from "../../http/ErrorBody"
import { example } from "../../http/Example"
import { IntParam, PageParam, Timestamp } from "../../http/Params"
import { RequestId } from "../../http/RequestId"

/** What every body says about its response. */
const Meta = Schema.Struct({
  timestamp: Timestamp.annotations({ description: "When the response was made" }),
  request_id: Schema.String.annotations({ description: "The `X-Request-Id` of this response" }),
}).annotations({
  identifier: "ResponseMeta",
  ...example({ timestamp: "2026-01-15T09:30:00.000Z", request_id: exampleRequestId }),
})

const makeMeta = Effect.map(RequestId, (request_id) => ({ timestamp: new Date().toISOString(), request_id }))

/** Returns the schema of a successful response, `{success, data, meta}`. `description` describes the data. */
export const enveloped = <A, I, R>(description: string, data: Schema.Schema<A, I, R>) =>
  Schema.transformOrFail(
    Schema.Struct({ success: Schema.Literal(true), data, meta: Meta }),
    Schema.typeSchema(data),
    {
      strict: true,
      decode: (body) => Effect.succeed(body.data),
      encode: (value) => Effect.map(makeMeta, (meta) => ({ success: true as const, data: value, meta })),
    },
  ).annotations({ description })

const Pagination = Schema.Struct({
  page: Schema.Int.annotations({ description: "The number of this page, from 1" }),
  per_page: Schema.Int.annotations({ description: "Items per page" }),
  total: Schema.Int.annotations({ description: "Items on all pages" }),
  total_pages: Schema.Int.annotations({ description: "Number of pages; 0 for an empty list" }),
  has_next: Schema.Boolean.annotations({ description: "Whether a page follows" }),
  has_prev: Schema.Boolean.annotations({ description: "Whether a page precedes" }),
}).annotations({
  identifier: "Pagination",
  ...example({ page: 1, per_page: 50, total: 1, total_pages: 1, has_next: false, has_prev: false }),
})

const toPagination = ({ page, limit, total }: Omit<Page<unknown>, "items">) => {
  const total_pages = Math.ceil(total / limit)
  return {
    page,
    per_page: limit,
    total,
    total_pages,
    has_next: page < total_pages,
    has_prev: page > 1 && total > 0,
  }
}

/**
 * Returns the schema of a body whose data has a page of a list in it, `{success, data, pagination, meta}`. The
 * value has the page's `total`, `page` and `limit` beside `data`.
 */
export const envelopedWithPage = <A, I, R>(description: string, data: Schema.Schema<A, I, R>) =>
  Schema.transformOrFail(
    Schema.Struct({ success: Schema.Literal(true), data, pagination: Pagination, meta: Meta }),
    Schema.Struct({
      data: Schema.typeSchema(data),
      total: Schema.Int,
      page: Schema.Int,
      limit: Schema.Int,
    }),
    {
      strict: true,
      decode: ({ data, pagination: { total, page, per_page } }) =>
        Effect.succeed({ data, total, page, limit: per_page }),
      encode: ({ data, ...page }) =>
        Effect.map(makeMeta, (meta) => ({
          success: true as const,
          data,
          pagination: toPagination(page),
          meta,
        })),
    },
  ).annotations({ description })

/** Returns the schema of a page of a list, `{success, data, pagination, meta}`. The value is a `Page`. */
export const envelopedPage = <A, I, R>(description: string, item: Schema.Schema<A, I, R>) =>
  Schema.transform(
    envelopedWithPage(description, Schema.Array(item)),
    Schema.Struct({
      items: Schema.Array(Schema.typeSchema(item)),
      total: Schema.Int,
      page: Schema.Int,
      limit: Schema.Int,
    }),
    {
      strict: true,
      decode: ({ data, ...page }) => ({ items: data, ...page }),
      encode: ({ items, ...page }) => ({ data: items, ...page }),
    },
  ).annotations({ description })

/** The largest page, in items. */
const MAX_PER_PAGE = 100

const PerPage = Schema.Int.pipe(Schema.between(1, MAX_PER_PAGE))

/** Query parameters of every list: `page`, from 1, and `per_page`, from 1 to 100. */
export const pageParams = {
  page: PageParam(1),
  per_page: IntParam(PerPage, 50, { maximum: MAX_PER_PAGE, description: "Items per page" }),
}

const FieldError = Schema.Struct({ field: Schema.String, reason: Schema.String })

/** What went wrong, as bodies and sockets report it. */
export const ErrorData = Schema.Struct({
  code: Schema.String.annotations({ description: "A constant for programs to tell errors apart" }),
  message: Schema.String.annotations({ description: "What went wrong, as a sentence" }),
  details: Schema.optional(
    Schema.Struct({
      field: Schema.String.annotations({ description: "The first invalid field, by path" }),
      reason: Schema.String.annotations({ description: "What is wrong with it" }),
      fields: Schema.Array(FieldError).annotations({ description: "All invalid fields" }),
    }).annotations({ description: "Present if fields of the request are invalid" }),
  ),
})

const ErrorEnvelope = Schema.Struct({
  success: Schema.Literal(false),
  error: ErrorData,
  meta: Meta,
}).annotations({ identifier: "ErrorEnvelope" })

/** The error format of this contract: `{success: false, error: {code, message, details?}, meta}`. */
export const errorBody: ErrorBody<typeof ErrorEnvelope.Type> = {
  schema: ErrorEnvelope,
  make: ({ code, message, fields = [] }, requestId, time) => {
    const issues = fields.map(({ field, message }) => ({ field, reason: message }))
    const [first] = issues
    return {
      success: false,
      error: {
        code,
        message,
        ...(first === undefined ? {} : { details: { ...first, fields: issues } }),
      },
      meta: { timestamp: time.toISOString(), request_id: requestId },
    }
  },
}
