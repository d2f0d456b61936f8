import {
  Headers,
  type HttpApp,
  type HttpRouter,
  HttpServerRequest,
  HttpServerResponse,
} from "@effect/platform"
import { Cause, Context, Effect } from "effect"
import { Ids } from "../../domain/kernel/Ids"
import type { Contract } from "../frame/Contract"
import { defect, foreignOrigin, methodNotAllowed, notFound, type Problem } from "../frame/Problem"
import { RequestId } from "../frame/RequestId"
import { Caller } from "./Caller"
import { makeCors } from "./Cors"
import { makeIdentify } from "./Identify"
import { withJsonBody } from "./JsonBody"
import { accessLog, observe } from "./Observe"
import { makeRateLimits } from "./RateLimits"
import { type Address, joinedUrl, makeRoutes, type Route } from "./Routes"
import { securityHeaders } from "./SecurityHeaders"

/** Something served beside the contracts: `GET`, at exactly this address. */
export interface Page {
  readonly path: string
  readonly app: HttpApp.Default
}

type Request = HttpServerRequest.HttpServerRequest
type Services = HttpRouter.HttpRouter.DefaultServices
type Answer = Effect.Effect<HttpServerResponse.HttpServerResponse, Problem, Request | Services>

const pathOf = ({ url }: Request): string => {
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

/** A caller's own name for its request is kept if it is fit for a log. */
const ownRequestId = /^[\w.-]{8,128}$/

/**
 * The way of every request: named, found its contract, told whose it is, counted against its
 * limits, its body read; then answered by the contract, and dressed with the headers that every
 * answer has.
 */
export const makeDispatch = (contracts: ReadonlyArray<Contract>, pages: ReadonlyArray<Page>) =>
  Effect.gen(function* () {
    const ids = yield* Ids
    const identify = yield* makeIdentify
    const cors = yield* makeCors
    const takeTokens = yield* makeRateLimits
    const log = yield* accessLog
    const routes = makeRoutes(contracts)
    const pageAt = new Map(pages.map((page) => [page.path, page.app]))

    const answer = Effect.fnUntraced(function* ({ contract, operation }: Route, request: Request) {
      const { actor, byCookie } = yield* identify(request)
      const limit = yield* takeTokens(operation.limits, request, actor)
      const respond = Effect.gen(function* () {
        if (limit.refused !== undefined) return yield* limit.refused
        if (byCookie && operation.writes && !cors.isTrusted(request)) return yield* foreignOrigin
        const joined = operation.holdsSlashes
          ? request.modify({ url: joinedUrl(operation, request.url) })
          : request
        const read = operation.takesBody ? yield* withJsonBody(joined, operation.bodyLimit) : joined
        return yield* Effect.mapInputContext(contract.app, (context: Context.Context<Services>) =>
          context.pipe(Context.add(HttpServerRequest.HttpServerRequest, read), Context.add(Caller, actor)),
        )
      }).pipe(Effect.catchTag("Problem", contract.refuse))
      return HttpServerResponse.setHeaders(yield* respond, limit.headers)
    })

    const route = (address: Address | undefined, request: Request, path: string): Answer => {
      const { method } = request
      const page = pageAt.get(path)
      if (page !== undefined && (method === "GET" || method === "HEAD")) return page
      if (address === undefined)
        return Effect.fail(page === undefined ? notFound : methodNotAllowed(["GET", "HEAD"]))
      const found = address.methods.get(method)
      if (found !== undefined) return answer(found, request)
      if (method === "OPTIONS") return Effect.succeed(cors.preflight(request, address.allowed))
      return Effect.fail(methodNotAllowed(address.allowed))
    }

    return Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const startedAt = performance.now()
      const given = request.headers["x-request-id"]
      const requestId = given !== undefined && ownRequestId.test(given) ? given : yield* ids.next
      const path = pathOf(request)
      const address = routes.find(path)
      const contract = address?.contract ?? routes.ownerOf(path)
      const response = yield* route(address, request, path).pipe(
        Effect.catchTag("Problem", contract.refuse),
        Effect.catchAllCause((cause) =>
          Cause.isInterruptedOnly(cause)
            ? Effect.failCause(cause)
            : Effect.zipRight(Effect.logError("A request died of a bug", cause), contract.refuse(defect)),
        ),
        Effect.provideService(RequestId, requestId),
        Effect.annotateLogs({ requestId, method: request.method, path }),
      )
      const name = address?.methods.get(request.method)?.operation.name ?? "none"
      const milliseconds = performance.now() - startedAt
      const { status } = response
      observe(name, status, milliseconds)
      if (log !== undefined) yield* log({ method: request.method, path, status, milliseconds, requestId })
      return HttpServerResponse.setHeaders(
        response,
        Headers.unsafeFromRecord({
          ...securityHeaders,
          ...cors.headers(request.headers["origin"]),
          "x-request-id": requestId,
          ...response.headers,
        }),
      )
    })
  })
