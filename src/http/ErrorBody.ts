import { HttpApiSchema, HttpApp, HttpServerResponse } from "@effect/platform"
import { Effect, ParseResult, Schema } from "effect"
import type { HttpError } from "./HttpError"
import { RequestId } from "./RequestId"

/** What every error body under /api has, whichever contract it belongs to. */
export const CommonError = Schema.Struct({
  error: Schema.String.annotations({ description: "What went wrong, in a sentence" }),
  code: Schema.String.annotations({ description: "A constant for programs to tell errors apart by" }),
  details: Schema.optional(
    Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String })).annotations({
      description: "The fields that are wrong, by name",
    }),
  ),
  requestId: Schema.String.annotations({
    description: "The `X-Request-Id` of this answer, to quote in a report",
  }),
})

type Told = Pick<HttpError, "status" | "code" | "message" | "details">

/** The shape in which a contract tells of errors. */
export interface ErrorShape<Body> {
  readonly schema: Schema.Schema<Body>
  readonly body: (told: Told, requestId: string) => Body
}

export const commonError = (
  { code, message, details }: Told,
  requestId: string,
): typeof CommonError.Type => ({
  error: message,
  code,
  ...(details === undefined ? {} : { details }),
  requestId,
})

/** Answers a problem in a contract's shape. */
export const respond =
  <Body>(shape: ErrorShape<Body>) =>
  (problem: HttpError): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    Effect.map(RequestId, (requestId) =>
      HttpServerResponse.unsafeJson(shape.body(problem, requestId), {
        status: problem.status,
        headers: problem.headers ?? {},
      }),
    )

/** Says in the answer's headers when to try again, for an error that knows. */
const tellWait = (error: Error) =>
  "retryAfter" in error && typeof error.retryAfter === "number"
    ? HttpApp.appendPreResponseHandler((_, response) =>
        Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(error.retryAfter))),
      )
    : Effect.void

/**
 * How a contract tells of one domain error: the error's class on one side, status, code and the
 * contract's body on the other. An error that knows a more exact code is told with that, and one
 * that knows after how many seconds to try again with a `Retry-After`.
 */
export const refusals =
  <Body>(shape: ErrorShape<Body>) =>
  <E extends Error>(
    error: abstract new (...args: never) => E,
    told: { readonly status: number; readonly code: string; readonly description: string },
  ): Schema.Schema<E, Body> =>
    Schema.transformOrFail(
      shape.schema,
      Schema.declare((value): value is E => value instanceof error),
      {
        strict: true,
        decode: (body, _options, ast) =>
          ParseResult.fail(new ParseResult.Forbidden(ast, body, "Errors are only told")),
        encode: (error) =>
          Effect.map(Effect.zipLeft(RequestId, tellWait(error)), (requestId) => {
            const code = "code" in error && typeof error.code === "string" ? error.code : told.code
            return shape.body({ status: told.status, code, message: error.message }, requestId)
          }),
      },
    ).annotations(
      HttpApiSchema.annotations({
        status: told.status,
        description: `\`${told.code}\`: ${told.description}`,
      }),
    )
