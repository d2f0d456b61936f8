import { Duration, Effect } from "effect"
import type { Contract, Operation } from "../http/Contract"
import * as HttpErrors from "../http/HttpError"
import { RequestId } from "../http/RequestId"
import type { NamedExample } from "./Document"
import { headers } from "./Headers"

/** An error that the middleware can respond with in place of an operation. `when`: the condition, as a sentence. */
export interface MiddlewareError {
  readonly error: HttpErrors.HttpError
  readonly when: string
  readonly example?: NamedExample
}

/** Lists the middleware errors of an operation. `secured`: whether it requires authentication. */
export const middlewareErrors = (
  { acceptsBody, isWrite, rateLimits }: Operation,
  hasQuery: boolean,
  secured: boolean,
  maxBody: number,
): ReadonlyArray<MiddlewareError> => [
  ...(acceptsBody || hasQuery
    ? [
        {
          error: HttpErrors.invalid([]),
          when: "A field is missing or invalid; `details` names it.",
        },
      ]
    : []),
  ...(acceptsBody
    ? [
        HttpErrors.malformedJson,
        HttpErrors.jsonTooDeep,
        HttpErrors.payloadTooLarge(maxBody),
        HttpErrors.unsupportedMediaType,
      ]
    : []
  ).map(withMessage),
  ...(secured ? [withMessage(HttpErrors.unauthenticated)] : []),
  ...(secured && isWrite ? [withMessage(HttpErrors.originNotAllowed)] : []),
  ...(rateLimits.length > 0 ? [withMessage(HttpErrors.rateLimited(Duration.seconds(12)))] : []),
  withMessage(HttpErrors.internalError),
  withMessage(HttpErrors.databaseUnavailable),
]

const withMessage = (error: HttpErrors.HttpError): MiddlewareError => ({ error, when: error.message })

const exampleTime = "2026-01-15T09:30:00.000Z"

/** Renders an error in the contract's format, with a constant timestamp so that documents are reproducible. */
export const renderExample = (contract: Contract, error: HttpErrors.HttpError) =>
  contract.renderError(error).pipe(
    Effect.provideService(RequestId, headers.RequestId.example),
    Effect.map(({ body }): NamedExample => {
      const text = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "null"
      const normalized = text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, exampleTime)
      return { summary: error.message, value: JSON.parse(normalized) }
    }),
  )
