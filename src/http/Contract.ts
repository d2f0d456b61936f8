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
import { MaxBodySize, RateLimits, SplatParam, UnsafeGet } from "./Annotations"
import { causeToHttpError } from "./causeToHttpError"
import { type ErrorShape, renderError } from "./ErrorBody"
import type { Examples } from "./Examples"
import { rejectDuplicateParams, toFieldIssues } from "./Fields"
import { HttpError, invalid, malformedJson, notFound } from "./HttpError"
import type { RateLimitPolicy } from "./RateLimitPolicy"
import type { SocketContract } from "./SocketContract"

type RenderError = (error: HttpError) => Effect.Effect<HttpServerResponse.HttpServerResponse>

/** How paths are matched: a proxy in front may have rules by path, to which other spellings are other paths. */
export const routerOptions = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: false, caseSensitive: true }

/** One method at one path. */
export interface Operation {
  readonly name: string
  readonly method: string
  /** With parameters as `:name`. */
  readonly path: string
  /** Whether the last parameter may contain slashes. */
  readonly hasSplatParam: boolean
  /** Whether it accepts a JSON body. */
  readonly acceptsBody: boolean
  /** Whether it requires an authenticated user. */
  readonly requiresActor: boolean
  /** Whether a request changes anything. */
  readonly isWrite: boolean
  readonly rateLimits: ReadonlyArray<RateLimitPolicy>
  /** The largest accepted body in bytes; undefined for the configured maximum. */
  readonly maxBodySize: number | undefined
}

/** A documented API with its handlers. */
export interface Contract {
  readonly name: string
  readonly operations: ReadonlyArray<Operation>
  /** Generated on first access. */
  readonly spec: OpenApi.OpenAPISpec
  /** The schema of every error body. */
  readonly errorSchema: Schema.Schema.All
  readonly examples: Examples
  /** The events that clients and server emit over Socket.IO. */
  readonly socket: SocketContract | undefined
  /** Unmatched requests below these paths are answered in this contract's error format. */
  readonly prefixes: ReadonlyArray<string>
  readonly renderError: RenderError
  readonly app: HttpApp.Default<never, HttpRouter.HttpRouter.DefaultServices>
}

/** Maps a failure that no declared error of the contract covers; none for interruption and declared errors. */
const mapCause = (cause: Cause.Cause<unknown>, url: string): Option.Option<Effect.Effect<HttpError>> =>
  Option.orElse(Option.map(mapKnownError(cause, url), Effect.succeed), () =>
    Cause.isDie(cause) ? Option.some(causeToHttpError(cause)) : Option.none(),
  )

const mapKnownError = (cause: Cause.Cause<unknown>, url: string): Option.Option<HttpError> => {
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
        hasSplatParam: Context.get(mergedAnnotations, SplatParam),
        acceptsBody: method !== "GET" && Option.isSome(payloadSchema),
        requiresActor: [...middleware].some(HttpApiMiddleware.isSecurity),
        isWrite: method !== "GET" || Context.get(mergedAnnotations, UnsafeGet),
        rateLimits: Context.get(mergedAnnotations, RateLimits),
        maxBodySize: Context.get(mergedAnnotations, MaxBodySize),
      })
    },
  })
  return operations
}

/**
 * Builds a contract's app from its handlers. Renders failures that no declared error covers in the contract's
 * error format too, and logs defects with their cause.
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
  /** `HttpApi` does not retain the name in its type. */
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
    const render = renderError(errors)
    const fallback = HttpApiBuilder.middleware((app) =>
      Effect.catchAllCause(app, (cause) =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) =>
          Option.match(mapCause(cause, url), {
            onNone: () => Effect.failCause(cause),
            onSome: Effect.flatMap(render),
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
      errorSchema: errors.schema,
      examples,
      socket: events,
      prefixes,
      renderError: render,
      app: yield* HttpApiBuilder.httpApp.pipe(
        HttpRouter.withRouterConfig(routerOptions),
        Effect.provide(context),
      ),
    }
    return contract
  })
