import {
  HttpApi,
  HttpApiBuilder,
  HttpApiError,
  type HttpApiGroup,
  HttpApiMiddleware,
  type HttpApp,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  type HttpServerResponse,
  OpenApi,
} from "@effect/platform"
import { Cause, Context, Effect, Layer, Option, type Schema } from "effect"
import { MaxBodySize, SplatParam, RateLimits, UnsafeGet } from "./Annotations"
import { causeToHttpError } from "./causeToHttpError"
import { type ErrorShape, respond } from "./ErrorBody"
import type { Examples } from "./Examples"
import { toFieldIssues, rejectDuplicateParams } from "./Fields"
import { invalid, malformedJson, notFound, HttpError } from "./HttpError"
import type { RateLimitPolicy } from "./RateLimitPolicy"
import type { SocketContract } from "./SocketContract"

type Refuse = (problem: HttpError) => Effect.Effect<HttpServerResponse.HttpServerResponse>

/** How addresses are read: to a proxy in front, whose rules may go by paths, other spellings are other paths. */
export const spelling = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: false, caseSensitive: true }

/** One method at one address. */
export interface Operation {
  readonly name: string
  readonly method: string
  /** With parameters as `:name`. */
  readonly path: string
  /** Whether its last parameter may hold slashes. */
  readonly holdsSlashes: boolean
  /** Whether it takes a JSON body. */
  readonly takesBody: boolean
  /** Whether it is for those only who are signed in. */
  readonly needsActor: boolean
  /** Whether it changes anything. */
  readonly writes: boolean
  readonly limits: ReadonlyArray<RateLimitPolicy>
  /** The largest body that it takes, in bytes, where it is not the usual one. */
  readonly bodyLimit: number | undefined
}

/** A documented API, ready to answer. */
export interface Contract {
  readonly name: string
  readonly operations: ReadonlyArray<Operation>
  /** Made when it is first read. */
  readonly spec: OpenApi.OpenAPISpec
  /** The body of every error. */
  readonly errorBody: Schema.Schema.All
  readonly examples: Examples
  /** What it says and hears over lasting connections. */
  readonly events: SocketContract | undefined
  /** Which of the addresses that nobody answers to are this contract's to refuse. */
  readonly prefixes: ReadonlyArray<string>
  readonly refuse: Refuse
  readonly app: HttpApp.Default<never, HttpRouter.HttpRouter.DefaultServices>
}

/** What a failure means that none of the contract's own errors stands for. */
const toProblem = (cause: Cause.Cause<unknown>, url: string): Option.Option<Effect.Effect<HttpError>> =>
  Option.orElse(Option.map(foreseen(cause, url), Effect.succeed), () =>
    Cause.isDie(cause) ? Option.some(causeToHttpError(cause)) : Option.none(),
  )

const foreseen = (cause: Cause.Cause<unknown>, url: string): Option.Option<HttpError> => {
  const error = Cause.squash(cause)
  if (error instanceof HttpError) return Option.some(error)
  if (error instanceof HttpApiError.HttpApiDecodeError) {
    const query = new URLSearchParams(/\?.*/s.exec(url)?.[0])
    return Option.some(invalid(rejectDuplicateParams(toFieldIssues(error.issues), query)))
  }
  if (error instanceof HttpServerError.RouteNotFound) return Option.some(notFound)
  if (error instanceof HttpServerError.RequestError) return Option.some(malformedJson)
  return Option.none()
}

const operationsOf = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>,
) => {
  const operations: Array<Operation> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { name, method, path, payloadSchema }, middleware, mergedAnnotations }) => {
      operations.push({
        name,
        method,
        path,
        holdsSlashes: Context.get(mergedAnnotations, SplatParam),
        takesBody: method !== "GET" && Option.isSome(payloadSchema),
        needsActor: [...middleware].some(HttpApiMiddleware.isSecurity),
        writes: method !== "GET" || Context.get(mergedAnnotations, UnsafeGet),
        limits: Context.get(mergedAnnotations, RateLimits),
        bodyLimit: Context.get(mergedAnnotations, MaxBodySize),
      })
    },
  })
  return operations
}

/**
 * Builds a contract's app from its handlers. Whatever its own errors do not cover is answered in
 * its shape too; bugs are logged with their cause.
 */
export const make = <
  Id extends string,
  Groups extends HttpApiGroup.HttpApiGroup.Any,
  E,
  R,
  Unset,
  In,
  Body,
>(options: {
  /** HttpApi loses the one that it is given. */
  readonly name: string
  readonly api: HttpApi.HttpApi<Id, Groups, E, R>
  readonly layer: Layer.Layer<HttpApi.Api, Unset, In>
  readonly prefixes: ReadonlyArray<string>
  readonly errors: ErrorShape<Body>
  readonly examples: Examples
  readonly events?: SocketContract
}) =>
  Effect.gen(function* () {
    const { name, api, layer, prefixes, errors, examples, events } = options
    const refuse = respond(errors)
    const fallback = HttpApiBuilder.middleware((app) =>
      Effect.catchAllCause(app, (cause) =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) =>
          Option.match(toProblem(cause, url), {
            onNone: () => Effect.failCause(cause),
            onSome: Effect.flatMap(refuse),
          }),
        ),
      ),
    )
    const context = yield* Layer.build(
      Layer.merge(layer, fallback).pipe(
        Layer.provideMerge(Layer.merge(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer)),
      ),
    )
    let spec: OpenApi.OpenAPISpec | undefined
    const contract: Contract = {
      name,
      operations: operationsOf(api),
      get spec() {
        spec ??= OpenApi.fromApi(api)
        return spec
      },
      errorBody: errors.schema,
      examples,
      events,
      prefixes,
      refuse,
      app: yield* HttpApiBuilder.httpApp.pipe(HttpRouter.withRouterConfig(spelling), Effect.provide(context)),
    }
    return contract
  })
