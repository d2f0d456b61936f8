import {
  Headers,
  type HttpApp,
  type HttpRouter,
  HttpServerRequest,
  HttpServerResponse,
} from "@effect/platform"
import { Cause, Context, Effect, Option } from "effect"
import type { Actor } from "../../domain/shared/Actor"
import { IdGenerator } from "../../domain/shared/Ids"
import type { Contract } from "../Contract"
import { causeToHttpError } from "../causeToHttpError"
import { type HttpError, methodNotAllowed, notFound, originNotAllowed } from "../HttpError"
import { rateLimits } from "../RateLimitPolicy"
import { RequestId } from "../RequestId"
import { accessLog } from "./AccessLog"
import { makeAuthenticate } from "./Authentication"
import { makeCors } from "./Cors"
import { parseJsonBody } from "./JsonBody"
import { makeRateLimits } from "./RateLimits"
import { RequestActor } from "./RequestActor"
import { recordRequest } from "./RequestMetrics"
import { encodeSplatParam, makeRoutes, type Route, type RouteMatch } from "./Routes"
import { acceptRequestId, makeStandardHeaders } from "./StandardHeaders"

/** A page outside the contracts: `GET` at exactly this path. */
export interface Page {
  readonly path: string
  readonly app: HttpApp.Default
}

type Request = HttpServerRequest.HttpServerRequest
type Services = HttpRouter.HttpRouter.DefaultServices
type Handler = Effect.Effect<HttpServerResponse.HttpServerResponse, HttpError, Request | Services>

const pathOf = ({ url }: Request): string => {
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

const anonymous = Option.none<Actor>()

/**
 * Routes requests to contracts and pages. A request gets an id, its contract, its user, its rate limits and
 * its parsed body before the contract handles it; every response gets the standard headers.
 */
export const makeRouter = (contracts: ReadonlyArray<Contract>, pages: ReadonlyArray<Page>) =>
  Effect.gen(function* () {
    const ids = yield* IdGenerator
    const authenticate = yield* makeAuthenticate
    const cors = yield* makeCors
    const standardHeaders = yield* makeStandardHeaders
    const consume = yield* makeRateLimits
    const logRequest = yield* accessLog
    const routes = makeRoutes(contracts)
    const pagesByPath = new Map(pages.map((page) => [page.path, page.app]))

    /** Rejects a request that no operation matches; it counts against the rate limits too. */
    const rejectUnmatched = Effect.fnUntraced(function* (
      contract: Contract,
      error: HttpError,
      request: Request,
    ) {
      const limit = yield* consume(rateLimits.general, request, anonymous)
      const response = yield* contract.renderError(limit.rejection ?? error)
      return HttpServerResponse.setHeaders(response, limit.headers)
    })

    const callOperation = Effect.fnUntraced(function* ({ contract, operation }: Route, request: Request) {
      const { actor, viaCookie } = yield* authenticate(request)
      const limit = yield* consume(operation.rateLimits, request, actor)
      const respond = Effect.gen(function* () {
        if (limit.rejection !== undefined) return yield* limit.rejection
        if (viaCookie && operation.isWrite && !cors.isAllowedOrigin(request)) return yield* originNotAllowed
        const encoded = operation.hasSplatParam
          ? request.modify({ url: encodeSplatParam(operation, request.url) })
          : request
        // Nothing is read for an anonymous caller of an operation that needs a user: the contract rejects it first.
        const readsBody = operation.acceptsBody && !(operation.requiresActor && Option.isNone(actor))
        const parsed = readsBody ? yield* parseJsonBody(encoded, operation.maxBodySize) : encoded
        return yield* Effect.mapInputContext(contract.app, (context: Context.Context<Services>) =>
          context.pipe(
            Context.add(HttpServerRequest.HttpServerRequest, parsed),
            Context.add(RequestActor, actor),
          ),
        )
      }).pipe(Effect.catchTag("HttpError", contract.renderError))
      return HttpServerResponse.setHeaders(yield* respond, limit.headers)
    })

    const dispatch = (
      contract: Contract,
      match: RouteMatch | undefined,
      request: Request,
      path: string,
    ): Handler => {
      const { method } = request
      const page = pagesByPath.get(path)
      if (page !== undefined && (method === "GET" || method === "HEAD")) return page
      if (match === undefined)
        return rejectUnmatched(
          contract,
          page === undefined ? notFound : methodNotAllowed(["GET", "HEAD"]),
          request,
        )
      const route = match.methods.get(method)
      if (route !== undefined) return callOperation(route, request)
      if (method === "OPTIONS") return Effect.succeed(cors.preflight(request, match.allowed))
      return rejectUnmatched(contract, methodNotAllowed(match.allowed), request)
    }

    return Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const startedAt = performance.now()
      const requestId = acceptRequestId(request.headers["x-request-id"]) ?? (yield* ids.generate)
      const path = pathOf(request)
      const match = routes.find(path)
      const contract = match?.contract ?? routes.contractForPath(path)
      const response = yield* dispatch(contract, match, request, path).pipe(
        Effect.catchTag("HttpError", contract.renderError),
        Effect.catchAllCause((cause) =>
          Cause.isInterruptedOnly(cause)
            ? Effect.failCause(cause)
            : Effect.flatMap(causeToHttpError(cause), contract.renderError),
        ),
        Effect.provideService(RequestId, requestId),
        Effect.annotateLogs({ requestId, method: request.method, path }),
      )
      const operationName = match?.methods.get(request.method)?.operation.name ?? "none"
      const milliseconds = performance.now() - startedAt
      const { status } = response
      recordRequest(operationName, status, milliseconds)
      if (logRequest !== undefined)
        yield* logRequest({ method: request.method, path, status, milliseconds, requestId })
      return HttpServerResponse.setHeaders(
        response,
        Headers.unsafeFromRecord({
          ...standardHeaders(requestId, request.headers["origin"]),
          ...response.headers,
        }),
      )
    })
  })
