import type { HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"
import { makeAllowedOrigins } from "./Cors"
import { makeServerOrigin } from "./ServerOrigin"

/**
 * Returns the function that gives the origin of the front end that sent a request: one of the allowed
 * origins, or else the server's own. A proxy may pass the browser's requests to this server under another.
 */
export const makeFrontEndOrigin = Effect.gen(function* () {
  const originOf = yield* makeServerOrigin
  const allowedOrigins = yield* makeAllowedOrigins

  return (request: HttpServerRequest.HttpServerRequest): string => {
    const origin = request.headers["origin"]
    return origin !== undefined && allowedOrigins.includes(origin) ? origin : originOf(request)
  }
})
