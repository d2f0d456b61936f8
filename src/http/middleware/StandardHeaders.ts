import { Effect } from "effect"
import { IdGenerator } from "../../domain/shared/Ids"
import { commonError } from "../ErrorBody"
import { defect, unavailable } from "../HttpError"
import { makeCors } from "./Cors"
import { securityHeaders } from "./SecurityHeaders"

/** A caller's own name for its request is kept if it is fit for a log. */
const fit = /^[\w.-]{8,128}$/

export const ownRequestId = (given: string | null | undefined): string | undefined =>
  given !== null && given !== undefined && fit.test(given) ? given : undefined

/** The headers that every answer has: to the request of this name, for a page of this origin. */
export const makeStandardHeaders = Effect.map(
  makeCors,
  (cors) =>
    (requestId: string, origin: string | undefined): Record<string, string> => ({
      ...securityHeaders,
      ...cors.headers(origin),
      // Most of it is somebody's own, tokens among it; what may be kept says so itself.
      "cache-control": "no-store",
      "x-request-id": requestId,
    }),
)

/** What answers have that no contract gives: their headers, and where they are refusals, all of them. */
export const makeFallbackResponses = Effect.gen(function* () {
  const ids = yield* IdGenerator
  const standard = yield* makeStandardHeaders

  const headers = (source?: Request) =>
    standard(
      ownRequestId(source?.headers.get("x-request-id")) ?? Effect.runSync(ids.generate),
      source?.headers.get("origin") ?? undefined,
    )

  const refuse = (status: 500 | 503, source?: Request): Response => {
    const own = headers(source)
    const problem = status === 500 ? defect : unavailable
    return Response.json(commonError(problem, own["x-request-id"] ?? ""), { status, headers: own })
  }

  return { headers, refuse }
})
