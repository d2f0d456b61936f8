import { METHODS } from "node:http"
import {
  Headers,
  type HttpApp,
  HttpLayerRouter,
  type HttpRouter,
  HttpServerRequest,
  HttpServerResponse,
} from "@effect/platform"
import { Cause, Context, Effect, identity, Option } from "effect"
import { Monitoring } from "../../domain/operations/Monitoring"
import type { Actor } from "../../domain/shared/Actor"
import { ClientAddress } from "../../domain/shared/ClientAddress"
import { IdGenerator } from "../../domain/shared/Ids"
import { RequestActor } from "../Authenticated"
import type { Contract, Operation } from "../Contract"
import { causeToHttpError } from "../causeToHttpError"
import { addErrorFields } from "../ErrorBody"
import { withBodyETag } from "../ETag"
import { type HttpError, methodNotAllowed, notFound, originNotAllowed, unauthenticated } from "../HttpError"
import { rateLimits } from "../RateLimitPolicy"
import { RequestId } from "../RequestId"
import { accessLog } from "./AccessLog"
import { makeAuthenticate, rejectApiKey } from "./Authentication"
import { makeClientAddress } from "./ClientIp"
import { makeCors } from "./Cors"
import { makeRateLimits } from "./RateLimits"
import { parseBody } from "./RequestBody"
import { recordRequest } from "./RequestMetrics"
import { acceptRequestId, makeStandardHeaders } from "./StandardHeaders"

/** A page outside the contracts: `GET` at exactly this path. */
export interface Page {
  readonly path: string
  readonly app: HttpApp.Default
}

type Services = HttpRouter.HttpRouter.DefaultServices
type Request = HttpServerRequest.HttpServerRequest
type Handler<E = never> = HttpApp.Default<E, Services>

/** How paths are matched: a proxy in front may have rules by path, and takes other spellings for other paths. */
const routerConfig = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: false, caseSensitive: true }

const anonymous = Option.none<Actor>()

const pathOf = ({ url }: Request): string => {
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

/** The pattern of an operation's path: to the router, only a parameter named `*` may contain slashes. */
const patternOf = ({ path, hasSplatParam }: Operation) => (hasSplatParam ? path.replace(/:\w+$/, "*") : path)

/** Gives the splat parameter the name that the operation has for it. */
const nameSplatParam =
  ({ path }: Operation) =>
  <R>(context: Context.Context<R>): Context.Context<R> => {
    const route = Context.unsafeGet(context, HttpLayerRouter.RouteContext)
    const [name = ""] = /\w+$/.exec(path) ?? []
    const params = { ...route.params, [name]: route.params["*"] }
    return Context.merge(context, Context.make(HttpLayerRouter.RouteContext, { ...route, params }))
  }

/**
 * Serves contracts and pages through one router. A request gets an id, its user, its rate limits and its
 * parsed body before its operation's handler runs; every response gets the standard headers. Requests that
 * match nothing are rate limited too, and answered in the error format of the contract that owns the path.
 */
export const makeRouter = (contracts: ReadonlyArray<Contract>, pages: ReadonlyArray<Page>) =>
  Effect.gen(function* () {
    const ids = yield* IdGenerator
    const authenticate = yield* makeAuthenticate
    const cors = yield* makeCors
    const standardHeaders = yield* makeStandardHeaders
    const consume = yield* makeRateLimits
    const addressOf = yield* makeClientAddress
    const logRequest = yield* accessLog
    const monitoring = yield* Monitoring
    const router = yield* Effect.provideService(
      HttpLayerRouter.make,
      HttpLayerRouter.RouterConfig,
      routerConfig,
    )
    const contractForPath = makeContractForPath(contracts)

    const hideSecrets = makeHideSecrets(contracts)

    /** Completes a response: request id, standard headers, metrics, access log; defects become errors. */
    const complete = (contract: Contract, handler: Handler<HttpError>, operation?: Operation): Handler =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const startedAt = performance.now()
        const requestId = acceptRequestId(request.headers["x-request-id"]) ?? (yield* ids.generate)
        const path = hideSecrets(pathOf(request))
        yield* cors.logRefusedOrigin(request)
        yield* Effect.annotateCurrentSpan("url.path", path)
        const response = yield* handler.pipe(
          Effect.catchTag("HttpError", contract.renderError),
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.failCause(cause)
              : Effect.flatMap(causeToHttpError(cause), contract.renderError),
          ),
          Effect.flatMap((response) => addErrorFields(response, operation?.errorFields)),
          Effect.provideService(RequestId, requestId),
          Effect.annotateLogs({ requestId, method: request.method, path }),
        )
        const milliseconds = performance.now() - startedAt
        const { status } = response
        const { name = "none" } = operation ?? {}
        recordRequest(name, status, milliseconds)
        monitoring.record({ operation: name, method: request.method, path, status, milliseconds, requestId })
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

    /** Rejects a request that no operation matches. */
    const reject = (contract: Contract, error: HttpError): Handler =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const limit = yield* consume(rateLimits.general, request, anonymous)
        const response = yield* contract.renderError(limit.rejection ?? error)
        return HttpServerResponse.setHeaders(response, limit.headers)
      })

    /** Runs an operation's handler once the request has passed its checks. */
    const respond = (contract: Contract, operation: Operation, handler: Handler): Handler => {
      const withParams = operation.hasSplatParam ? nameSplatParam(operation) : identity
      return Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const { actor, viaCookie } = yield* authenticate(request)
        const limit = yield* consume(operation.rateLimits, request, actor)
        const response = yield* Effect.gen(function* () {
          if (limit.rejection !== undefined) return yield* limit.rejection
          if (viaCookie && operation.isWrite && !cors.isAllowedOrigin(request)) return yield* originNotAllowed
          // Nothing is read for an anonymous caller of an operation that needs a user.
          if (operation.requiresActor && Option.isNone(actor)) return yield* unauthenticated
          const rejection = Option.flatMapNullable(actor, (actor) => rejectApiKey(actor, operation))
          if (Option.isSome(rejection)) return yield* rejection.value
          const parsed = yield* parseBody(request, operation)
          const response = yield* Effect.mapInputContext(handler, (context: Context.Context<Services>) =>
            withParams(context).pipe(
              Context.add(HttpServerRequest.HttpServerRequest, parsed),
              Context.add(RequestActor, actor),
              Context.add(ClientAddress, () => addressOf(request)),
            ),
          )
          return operation.hasWeakETag ? withBodyETag(request, response) : response
        }).pipe(Effect.catchTag("HttpError", contract.renderError))
        return HttpServerResponse.setHeaders(response, { ...operation.deprecationHeaders, ...limit.headers })
      })
    }

    const add = (method: string, path: string, handler: Handler) =>
      router.addAll([
        HttpLayerRouter.route(method as "GET", path as HttpLayerRouter.PathInput, handler),
      ]) as Effect.Effect<void>

    /** Answers the methods that a path has no operation for. */
    const addOtherMethods = (contract: Contract, path: string, served: ReadonlySet<string>) => {
      const allowed = [...served, "OPTIONS"]
      const preflight = Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
        cors.preflight(request, allowed),
      )
      const notAllowed = reject(contract, methodNotAllowed(allowed))
      return Effect.forEach(
        METHODS.filter((method) => !served.has(method)),
        (method) => add(method, path, complete(contract, method === "OPTIONS" ? preflight : notAllowed)),
        { discard: true },
      )
    }

    const served = new Map<string, { readonly contract: Contract; readonly methods: Set<string> }>()
    const serve = (contract: Contract, method: string, path: string, handler: Handler) => {
      const known = served.get(path) ?? { contract, methods: new Set<string>() }
      known.methods.add(method)
      served.set(path, known)
      return add(method, path, handler)
    }

    for (const contract of contracts) {
      for (const { operation, handler } of contract.routes) {
        const path = patternOf(operation)
        const completed = complete(contract, respond(contract, operation, handler), operation)
        yield* serve(contract, operation.method, path, completed)
        // A GET that changes nothing can be requested for its headers alone.
        if (operation.method === "GET" && !operation.isWrite) yield* serve(contract, "HEAD", path, completed)
      }
    }
    for (const { path, app } of pages) {
      const contract = contractForPath(path)
      for (const method of ["GET", "HEAD"]) yield* serve(contract, method, path, complete(contract, app))
    }
    for (const [path, { contract, methods }] of served) yield* addOtherMethods(contract, path, methods)

    const unmatched = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const contract = contractForPath(pathOf(request))
      const isPreflight = request.method === "OPTIONS" && "access-control-request-method" in request.headers
      return complete(
        contract,
        isPreflight ? Effect.succeed(cors.preflight(request, ["OPTIONS"])) : reject(contract, notFound),
      )
    })
    const routed = Effect.catchAll(router.asHttpEffect(), () => unmatched) as Handler
    return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      // The router would take a semicolon for the start of a query, which it is not.
      pathOf(request).includes(";") ? unmatched : routed,
    )
  })

/**
 * Replaces the secrets in a path by the names of their parameters, for logs and traces. What only resembles
 * the path of an operation, such as one with another method, may contain the same secrets.
 */
const makeHideSecrets = (contracts: ReadonlyArray<Contract>) => {
  const patterns = contracts
    .flatMap(({ operations }) => operations.filter(({ hasSecretPath }) => hasSecretPath))
    .flatMap(({ path }) => {
      const [, prefix, name] = /^(.*?)\/(:\w+)/.exec(path) ?? []
      return prefix === undefined
        ? []
        : [{ pattern: new RegExp(`^(${RegExp.escape(prefix)}/+)[^/]+`, "i"), replacement: `$1${name}` }]
    })
  return (path: string) =>
    patterns.reduce((hidden, { pattern, replacement }) => hidden.replace(pattern, replacement), path)
}

/** Finds the contract whose prefix is the longest that contains a path. */
const makeContractForPath = (contracts: ReadonlyArray<Contract>) => {
  const byPrefix = contracts
    .flatMap((contract) => contract.prefixes.map((prefix) => ({ prefix, contract })))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  const [fallback] = contracts
  if (fallback === undefined) throw new Error("A server needs at least one contract")
  const contains = (prefix: string, path: string) =>
    prefix === "/" || path === prefix || path.startsWith(`${prefix}/`)
  return (path: string) => byPrefix.find(({ prefix }) => contains(prefix, path))?.contract ?? fallback
}
