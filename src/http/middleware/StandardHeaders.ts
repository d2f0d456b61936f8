import { Effect } from "effect"
import { IdGenerator } from "../../domain/shared/Ids"
import { commonErrorBody, type ErrorBody } from "../ErrorBody"
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

/** The error format of the paths below a prefix. */
interface ErrorFormat {
  readonly prefix: string
  readonly errorBody: Pick<ErrorBody<unknown>, "make">
}

/**
 * Makes responses outside of any contract: their headers, and errors before or after the app runs, in the
 * common format where `formats` has none for the path.
 */
export const makeFallbackResponses = (formats: ReadonlyArray<ErrorFormat>) =>
  Effect.gen(function* () {
    const ids = yield* IdGenerator
    const standard = yield* makeStandardHeaders

    const headers = (source?: Request) =>
      standard(
        acceptRequestId(source?.headers.get("x-request-id")) ?? Effect.runSync(ids.generate),
        source?.headers.get("origin") ?? undefined,
      )

    const formatOf = (source: Request | undefined): ErrorFormat["errorBody"] => {
      const path = source === undefined ? "" : new URL(source.url).pathname
      const format = formats.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))
      return format?.errorBody ?? commonErrorBody
    }

    const fallbackResponse = (status: 500 | 503, source?: Request): Response => {
      const own = headers(source)
      const error = status === 500 ? internalError : unavailable
      const body = formatOf(source).make(error, own["x-request-id"] ?? "", new Date())
      return Response.json(body, { status, headers: own })
    }

    return { headers, fallbackResponse }
  })
