import { HttpApiSchema, HttpApp, HttpServerResponse } from "@effect/platform"
import { Effect, ParseResult, Schema } from "effect"
import type { HttpError } from "./HttpError"
import { RequestId } from "./RequestId"

/** The fields that error bodies under /api have in common. */
export const CommonError = Schema.Struct({
  error: Schema.String.annotations({ description: "What went wrong, as a sentence" }),
  code: Schema.String.annotations({ description: "A constant for programs to tell errors apart" }),
  details: Schema.optional(
    Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String })).annotations({
      description: "The invalid fields, by path",
    }),
  ),
  requestId: Schema.String.annotations({
    description: "The `X-Request-Id` of this response, to quote in a report",
  }),
})

/** What an error body is made from. */
type ErrorInfo = Pick<HttpError, "status" | "code" | "message" | "details">

/** The error format of a contract: the body's schema, and how to build one. */
export interface ErrorShape<Body> {
  readonly schema: Schema.Schema<Body>
  readonly body: (info: ErrorInfo, requestId: string) => Body
}

export const commonError = (
  { code, message, details }: ErrorInfo,
  requestId: string,
): typeof CommonError.Type => ({
  error: message,
  code,
  ...(details === undefined ? {} : { details }),
  requestId,
})

/** Responds with an error in a contract's format. */
export const renderError =
  <Body>(shape: ErrorShape<Body>) =>
  (error: HttpError): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.map(RequestId, (requestId) =>
      HttpServerResponse.unsafeJson(shape.body(error, requestId), {
        status: error.status,
        headers: error.headers ?? {},
      }),
    )

/** Sets `Retry-After` on the response when the error knows the delay, in seconds. */
const setRetryAfter = (error: Error) =>
  "retryAfter" in error && typeof error.retryAfter === "number"
    ? HttpApp.appendPreResponseHandler((_, response) =>
        Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(error.retryAfter))),
      )
    : Effect.void

/**
 * Returns the function that makes the codec of a domain error: the error's class on one side, the contract's
 * body with status and code on the other. An error with a `code` of its own is sent with that one, and an
 * error with a `retryAfter` in seconds with a `Retry-After` header.
 */
export const makeErrorMapper =
  <Body>(shape: ErrorShape<Body>) =>
  <E extends Error>(
    error: abstract new (...args: never) => E,
    info: { readonly status: number; readonly code: string; readonly description: string },
  ): Schema.Schema<E, Body> =>
    Schema.transformOrFail(
      shape.schema,
      Schema.declare((value): value is E => value instanceof error),
      {
        strict: true,
        decode: (body, _options, ast) =>
          ParseResult.fail(new ParseResult.Forbidden(ast, body, "Errors are encoded only")),
        encode: (error) =>
          Effect.map(Effect.zipLeft(RequestId, setRetryAfter(error)), (requestId) => {
            const code = "code" in error && typeof error.code === "string" ? error.code : info.code
            return shape.body({ status: info.status, code, message: error.message }, requestId)
          }),
      },
    ).annotations(
      HttpApiSchema.annotations({
        status: info.status,
        description: `\`${info.code}\`: ${info.description}`,
      }),
    )
