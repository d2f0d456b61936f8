import { HttpApiSchema, HttpApp, HttpBody, HttpServerResponse } from "@effect/platform"
import { type Context, Effect, ParseResult, Schema } from "effect"
import type { ErrorFields } from "./Annotations"
import { example } from "./Example"
import type { FieldIssue, HttpError } from "./HttpError"
import { RequestId } from "./RequestId"

/** What an error body is made from. */
type ErrorInfo = Pick<HttpError, "status" | "code" | "message" | "fields">

/** The error format of a contract: the body's schema, and how to build one. */
export interface ErrorBody<Body> {
  readonly schema: Schema.Schema<Body>
  readonly make: (info: ErrorInfo, requestId: string, time: Date) => Body
}

/** The invalid fields of a request, once as a text and once as a list: documents under /api ask for either. */
export const FieldErrors = {
  details: Schema.optional(
    Schema.String.annotations({
      description: "The invalid fields as a text: `title: is required; status: must be a string`",
    }),
  ),
  fields: Schema.optional(
    Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String })).annotations({
      description: "The invalid fields as a list, by path",
    }),
  ),
}

/** Returns the invalid fields as error bodies list them; nothing for other errors. */
export const toFieldErrors = (fields: ReadonlyArray<FieldIssue> | undefined) =>
  fields === undefined
    ? {}
    : { details: fields.map(({ field, message }) => `${field}: ${message}`).join("; "), fields }

/** The fields that error bodies under /api have in common: `{error, code, details?, fields?, requestId}`. */
export const CommonError = Schema.Struct({
  error: Schema.String.annotations({ description: "What went wrong, as a sentence" }),
  code: Schema.String.annotations({ description: "A constant for programs to tell errors apart" }),
  ...FieldErrors,
  requestId: Schema.String.annotations({
    description: "The `X-Request-Id` of this response, to quote in a report",
  }),
}).annotations({ identifier: "ErrorResponse" })

/** The common error format, without fields of a contract's own. */
export const commonErrorBody: ErrorBody<typeof CommonError.Type> = {
  schema: CommonError,
  make: ({ code, message, fields }, requestId) => ({
    error: message,
    code,
    ...toFieldErrors(fields),
    requestId,
  }),
}

/** An example of a request's id, in the documents. */
export const exampleRequestId = "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c05"

/** Makes an error body for the documents, with a constant id and time. */
const makeExampleBody = <Body>(errorBody: ErrorBody<Body>, info: ErrorInfo): Body =>
  errorBody.make(info, exampleRequestId, new Date("2026-01-15T09:30:00.000Z"))

/** Responds with an error in a contract's format. */
export const renderError =
  <Body>(errorBody: ErrorBody<Body>) =>
  (error: HttpError): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.map(RequestId, (requestId) =>
      HttpServerResponse.unsafeJson(errorBody.make(error, requestId, new Date()), {
        status: error.status,
        headers: error.headers ?? {},
      }),
    )

/** Adds the fields that an operation's clients expect in its errors, if the response is one. */
export const addErrorFields = (
  response: HttpServerResponse.HttpServerResponse,
  fieldsOf: Context.Tag.Service<ErrorFields>,
) => {
  const { body, status } = response
  if (fieldsOf === undefined || status < 400 || body._tag !== "Uint8Array") return Effect.succeed(response)
  const errorBody: { readonly code: string } = JSON.parse(new TextDecoder().decode(body.body))
  return Effect.map(fieldsOf(errorBody.code), (fields) =>
    HttpServerResponse.setBody(response, HttpBody.unsafeJson({ ...fields, ...errorBody })),
  )
}

/** Sets `Retry-After` on the response when the error knows the delay, in seconds. */
const setRetryAfter = (error: Error) =>
  "retryAfter" in error && typeof error.retryAfter === "number"
    ? HttpApp.appendPreResponseHandler((_, response) =>
        Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(error.retryAfter))),
      )
    : Effect.void

/** Fields of an error's bodies and their values. A method, so that a table can hold those of all errors. */
interface ExtraFields<E extends Error> {
  readonly fields: Schema.Struct.Fields
  of(error: E): object
}

/** A domain error's HTTP status, its code, when it occurs, and a sample of it for the documents. */
export interface ErrorEntry<E extends Error> {
  readonly sample: E
  readonly status: number
  readonly code: string
  readonly description: string
  /** Fields that bodies of this error have beside those of the contract's format. */
  readonly extra?: ExtraFields<E> | undefined
}

/** Returns the schema of a contract's error body with the extra fields of one error. */
const withExtraFields = <Body, E extends Error>(
  { schema }: ErrorBody<Body>,
  { code, extra }: Pick<ErrorEntry<E>, "code" | "extra">,
) =>
  extra === undefined
    ? schema
    : (Schema.extend(
        schema as Schema.Schema.Any,
        Schema.Struct(extra.fields) as Schema.Schema.Any,
      ).annotations({ identifier: `${code.toLowerCase()}_error` }) as unknown as Schema.Schema<Body>)

/**
 * Makes the codec of a domain error: the error's class on one side, the contract's body with the entry's
 * status on the other. An error with a `code` of its own is sent with that one.
 */
export const makeErrorSchema = <Body, E extends Error>(
  errorBody: ErrorBody<Body>,
  { sample, status, code, description, extra }: ErrorEntry<E>,
): Schema.Schema<E, Body> =>
  Schema.transformOrFail(
    withExtraFields(errorBody, { code, extra }),
    Schema.declare((value): value is E => value instanceof sample.constructor),
    {
      strict: true,
      decode: (body, _options, ast) =>
        ParseResult.fail(new ParseResult.Forbidden(ast, body, "Errors are encoded only")),
      encode: (error) =>
        Effect.map(Effect.zipLeft(RequestId, setRetryAfter(error)), (requestId) => ({
          ...errorBody.make(
            { status, code: codeOf(error) ?? code, message: error.message },
            requestId,
            new Date(),
          ),
          ...extra?.of(error),
        })),
    },
  ).annotations({
    ...HttpApiSchema.annotations({ status, description: `\`${code}\`: ${description}` }),
    ...example({
      ...makeExampleBody(errorBody, { status, code, message: sample.message }),
      ...extra?.of(sample),
    }),
  })

/** Makes the schema of an error outside of the declared ones, for the documents. */
export const makeHttpErrorSchema = <Body>(
  errorBody: ErrorBody<Body>,
  error: HttpError,
): Schema.Schema.All => {
  const { code, fields, message, status } = error
  const description =
    fields === undefined ? message : "A field is missing or invalid; `details` and `fields` name it."
  return makeErrorSchema(errorBody, { sample: error, status, code, description }).annotations(
    example(makeExampleBody(errorBody, error)),
  )
}

/** The more exact code that an error carries itself. */
const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined
