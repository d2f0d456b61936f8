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
import { originNotAllowed, methodNotAllowed, notFound, type HttpError } from "../HttpError"
import { rateLimits } from "../RateLimitPolicy"
import { RequestId } from "../RequestId"
import { makeAuthenticate } from "./Authentication"
import { makeCors } from "./Cors"
import { parseJsonBody } from "./JsonBody"
import { makeRateLimits } from "./RateLimits"
import { RequestActor } from "./RequestActor"
import { accessLog } from "./AccessLog"
import { recordRequest } from "./RequestMetrics"
import { type Address, joinedUrl, makeRoutes, type Route } from "./Routes"
import { makeStandardHeaders, acceptRequestId } from "./StandardHeaders"

/** Something served beside the contracts: `GET`, at exactly this address. */
export interface Page {
  readonly path: string
  readonly app: HttpApp.Default
}

type Request = HttpServerRequest.HttpServerRequest
type Services = HttpRouter.HttpRouter.DefaultServices
type Answer = Effect.Effect<HttpServerResponse.HttpServerResponse, HttpError, Request | Services>

const pathOf = ({ url }: Request): string => {
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

/** Those of whom nobody has asked who they are. */
const stranger = Option.none<Actor>()

/**
 * The way of every request: named, found its contract, told whose it is, counted against its
 * limits, its body read; then answered by the contract, and dressed with the headers that every
 * answer has.
 */
export const makeDispatch = (contracts: ReadonlyArray<Contract>, pages: ReadonlyArray<Page>) =>
  Effect.gen(function* () {
    const ids = yield* IdGenerator
    const identify = yield* makeAuthenticate
    const cors = yield* makeCors
    const standardHeaders = yield* makeStandardHeaders
    const takeTokens = yield* makeRateLimits
    const log = yield* accessLog
    const routes = makeRoutes(contracts)
    const pageAt = new Map(pages.map((page) => [page.path, page.app]))

    /** Also what leads nowhere is counted, and told of what is left. */
    const miss = Effect.fnUntraced(function* (contract: Contract, problem: HttpError, request: Request) {
      const limit = yield* takeTokens(rateLimits.general, request, stranger)
      const refusal = yield* contract.refuse(limit.rejection ?? problem)
      return HttpServerResponse.setHeaders(refusal, limit.headers)
    })

    const answer = Effect.fnUntraced(function* ({ contract, operation }: Route, request: Request) {
      const { actor, viaCookie: byCookie } = yield* identify(request)
      const limit = yield* takeTokens(operation.limits, request, actor)
      const respond = Effect.gen(function* () {
        if (limit.rejection !== undefined) return yield* limit.rejection
        if (byCookie && operation.writes && !cors.isTrusted(request)) return yield* originNotAllowed
        const joined = operation.holdsSlashes
          ? request.modify({ url: joinedUrl(operation, request.url) })
          : request
        // Who is not let in has nothing read for them: their contract says so before it looks at a body.
        const reads = operation.takesBody && !(operation.needsActor && Option.isNone(actor))
        const read = reads ? yield* parseJsonBody(joined, operation.bodyLimit) : joined
        return yield* Effect.mapInputContext(contract.app, (context: Context.Context<Services>) =>
          context.pipe(Context.add(HttpServerRequest.HttpServerRequest, read), Context.add(RequestActor, actor)),
        )
      }).pipe(Effect.catchTag("HttpError", contract.refuse))
      return HttpServerResponse.setHeaders(yield* respond, limit.headers)
    })

    const route = (
      contract: Contract,
      address: Address | undefined,
      request: Request,
      path: string,
    ): Answer => {
      const { method } = request
      const page = pageAt.get(path)
      if (page !== undefined && (method === "GET" || method === "HEAD")) return page
      if (address === undefined)
        return miss(contract, page === undefined ? notFound : methodNotAllowed(["GET", "HEAD"]), request)
      const found = address.methods.get(method)
      if (found !== undefined) return answer(found, request)
      if (method === "OPTIONS") return Effect.succeed(cors.preflight(request, address.allowed))
      return miss(contract, methodNotAllowed(address.allowed), request)
    }

    return Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const startedAt = performance.now()
      const requestId = acceptRequestId(request.headers["x-request-id"]) ?? (yield* ids.generate)
      const path = pathOf(request)
      const address = routes.find(path)
      const contract = address?.contract ?? routes.ownerOf(path)
      const response = yield* route(contract, address, request, path).pipe(
        Effect.catchTag("HttpError", contract.refuse),
        Effect.catchAllCause((cause) =>
          Cause.isInterruptedOnly(cause)
            ? Effect.failCause(cause)
            : Effect.flatMap(causeToHttpError(cause), contract.refuse),
        ),
        Effect.provideService(RequestId, requestId),
        Effect.annotateLogs({ requestId, method: request.method, path }),
      )
      const name = address?.methods.get(request.method)?.operation.name ?? "none"
      const milliseconds = performance.now() - startedAt
      const { status } = response
      recordRequest(name, status, milliseconds)
      if (log !== undefined) yield* log({ method: request.method, path, status, milliseconds, requestId })
      return HttpServerResponse.setHeaders(
        response,
        Headers.unsafeFromRecord({
          ...standardHeaders(requestId, request.headers["origin"]),
          ...response.headers,
        }),
      )
    })
  })
