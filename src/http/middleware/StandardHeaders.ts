import { Effect } from "effect"
import { IdGenerator } from "../../domain/shared/Ids"
import { commonErrorBody } from "../ErrorBody"
import { internalError, unavailable } from "../HttpError"
import { makeCors } from "./Cors"
import { securityHeaders } from "./SecurityHeaders"

/** Request ids of clients that are safe to log. */
const requestIdPattern = /^[\w.-]{8,128}$/

/** Returns a client's request id if it is safe to log. */
export const acceptRequestId = (id: string | null | undefined): string | undefined =>
  id !== null && id !== undefined && requestIdPattern.test(id) ? id : undefined

/** Returns the headers of every response, by request id and origin. */
export const makeStandardHeaders = Effect.map(
  makeCors,
  (cors) =>
    (requestId: string, origin: string | undefined): Record<string, string> => ({
      ...securityHeaders,
      ...cors.headers(origin),
      // Most responses are private and some contain tokens; a response that may be cached overrides this.
      "cache-control": "no-store",
      "x-request-id": requestId,
    }),
)

/** Makes responses outside of any contract: their headers, and errors before or after the app runs. */
export const makeFallbackResponses = Effect.gen(function* () {
  const ids = yield* IdGenerator
  const standard = yield* makeStandardHeaders

  const headers = (source?: Request) =>
    standard(
      acceptRequestId(source?.headers.get("x-request-id")) ?? Effect.runSync(ids.generate),
      source?.headers.get("origin") ?? undefined,
    )

  const fallbackResponse = (status: 500 | 503, source?: Request): Response => {
    const own = headers(source)
    const error = status === 500 ? internalError : unavailable
    return Response.json(commonErrorBody.make(error, own["x-request-id"] ?? "", new Date()), {
      status,
      headers: own,
    })
  }

  return { headers, fallbackResponse }
})
