import {
  HttpApi,
  HttpApiBuilder,
  type HttpApiEndpoint,
  HttpApiError,
  type HttpApiGroup,
  HttpApiMiddleware,
  type HttpApp,
  type HttpMethod,
  type HttpRouter,
  HttpServerError,
  HttpServerRequest,
  type HttpServerResponse,
  OpenApi,
} from "@effect/platform"
import { Cause, Context, Effect, Layer, Option, type Schema } from "effect"
import {
  ErrorFields,
  MaxBodySize,
  RateLimits,
  SecretPath,
  SessionOnly,
  SplatParam,
  UnsafeGet,
  WeakETag,
} from "./Annotations"
import { Authenticated } from "./Authenticated"
import { type BodyFormat, bodyFormatOf } from "./BodyFormat"
import { causeToHttpError } from "./causeToHttpError"
import { Deprecation, deprecationHeaders } from "./Deprecation"
import { type ErrorBody, makeHttpErrorSchema, renderError } from "./ErrorBody"
import { exampleOf } from "./Example"
import { rejectDuplicateParams, toFieldIssues } from "./Fields"
import { HttpError, invalid, malformedJson } from "./HttpError"
import type { RateLimitPolicy } from "./RateLimitPolicy"
import { type RequestServices, withRequestServices } from "./RequestServices"
import type { Resource } from "./Resource"
import type { SocketContract, WebSocketContract } from "./SocketContract"

/** One method at one path. */
export interface Operation {
  readonly name: string
  readonly method: string
  /** With parameters as `:name`. */
  readonly path: string
  /** Whether the last parameter may contain slashes. */
  readonly hasSplatParam: boolean
  /** The format of the body; undefined for operations without one. */
  readonly bodyFormat: BodyFormat | undefined
  /** An example of the body, in its encoded form; undefined for operations without one. */
  readonly exampleBody: unknown
  readonly requiresActor: boolean
  /** Whether API keys are rejected. */
  readonly isSessionOnly: boolean
  /** Whether its path contains a secret, which nothing may log. */
  readonly hasSecretPath: boolean
  /** Makes the fields of its error bodies beside those of the contract's format; undefined for none. */
  readonly errorFields: Context.Tag.Service<ErrorFields>
  /** Whether a request changes anything. */
  readonly isWrite: boolean
  readonly rateLimits: ReadonlyArray<RateLimitPolicy>
  /** Whether responses have a weak ETag, and 304 is one of them. */
  readonly hasWeakETag: boolean
  /** The headers that mark its responses as deprecated. */
  readonly deprecationHeaders: Readonly<Record<string, string>>
  /** The largest accepted body in bytes; undefined for the configured maximum. */
  readonly maxBodySize: number | undefined
  readonly endpoint: HttpApiEndpoint.HttpApiEndpoint<string, HttpMethod.HttpMethod>
}

type RouteHandler = HttpRouter.Route<unknown, HttpRouter.HttpRouter.DefaultServices>["handler"]
type Handler = HttpApp.Default<never, HttpRouter.HttpRouter.DefaultServices>

/** A documented API with its handlers. */
export interface Contract {
  readonly name: string
  readonly operations: ReadonlyArray<Operation>
  /** Every operation with its handler, which renders every error in the contract's format. */
  readonly routes: ReadonlyArray<{ readonly operation: Operation; readonly handler: Handler }>
  /** The endpoints, for the OpenAPI document. */
  readonly api: Api
  /** Returns the schema of an error's body with its status, description and example, for the OpenAPI document. */
  readonly errorSchema: (error: HttpError) => Schema.Schema.All
  readonly renderError: (error: HttpError) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  /** What clients and server emit over Socket.IO. */
  readonly socket: SocketContract | undefined
  /** What clients and server send over WebSockets. */
  readonly webSockets: WebSocketContract | undefined
  /** Unmatched requests below these paths get this contract's error format. */
  readonly prefixes: ReadonlyArray<string>
}

type Api = HttpApi.HttpApi<string, HttpApiGroup.HttpApiGroup.Any, HttpApiError.HttpApiDecodeError>

const operationsOf = (api: Api) => {
  const operations: Array<Operation> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, middleware, mergedAnnotations }) => {
      const { name, method, path, payloadSchema } = endpoint
      operations.push({
        name,
        method,
        path,
        hasSplatParam: Context.get(mergedAnnotations, SplatParam),
        bodyFormat:
          method === "GET"
            ? undefined
            : Option.getOrUndefined(Option.map(payloadSchema, ({ ast }) => bodyFormatOf(ast))),
        exampleBody: Option.getOrUndefined(Option.flatMap(payloadSchema, ({ ast }) => exampleOf(ast))),
        requiresActor: [...middleware].some(HttpApiMiddleware.isSecurity),
        isSessionOnly: Context.get(mergedAnnotations, SessionOnly),
        hasSecretPath: Context.get(mergedAnnotations, SecretPath),
        errorFields: Context.get(mergedAnnotations, ErrorFields),
        isWrite: method !== "GET" || Context.get(mergedAnnotations, UnsafeGet),
        rateLimits: Context.get(mergedAnnotations, RateLimits),
        hasWeakETag: Context.get(mergedAnnotations, WeakETag),
        deprecationHeaders: deprecationHeaders(Context.get(mergedAnnotations, Deprecation)),
        maxBodySize: Context.get(mergedAnnotations, MaxBodySize),
        endpoint,
      })
    },
  })
  return operations
}

/** Maps a failure that no declared error of the contract covers; interruption stays what it is. */
const toHttpError = (cause: Cause.Cause<unknown>, url: string): Option.Option<Effect.Effect<HttpError>> => {
  const error = Cause.squash(cause)
  if (error instanceof HttpError) return Option.some(Effect.succeed(error))
  if (error instanceof HttpApiError.HttpApiDecodeError) {
    const query = new URLSearchParams(/\?.*/s.exec(url)?.[0])
    return Option.some(Effect.succeed(invalid(rejectDuplicateParams(toFieldIssues(error.issues), query))))
  }
  if (error instanceof HttpServerError.RequestError) return Option.some(Effect.succeed(malformedJson))
  return Cause.isDie(cause) ? Option.some(causeToHttpError(cause)) : Option.none()
}

/** What a contract is made of. */
interface ContractDefinition<Body, Resources> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly errorBody: ErrorBody<Body>
  readonly resources: Resources
  /** Rate limits of operations that state none themselves. */
  readonly rateLimits?: ReadonlyArray<RateLimitPolicy>
  readonly socket?: SocketContract
  readonly webSockets?: WebSocketContract
}

/** The services that the handlers of a contract's resources are made of. */
type Services<Resources> = Resources extends ReadonlyArray<Resource<infer R>> ? R : never

/**
 * Builds a contract from its resources. Authentication, routes, errors in the contract's own format and
 * the OpenAPI document follow from them. Defects are logged with their cause and answered with a request id.
 */
export const defineContract = <Body, const Resources extends ReadonlyArray<Resource>>(
  definition: ContractDefinition<Body, Resources>,
): Effect.Effect<Contract, never, Services<Resources> | RequestServices> => {
  const { name, resources, errorBody, socket, webSockets } = definition
  const api = apiOf(definition)
  const operations = operationsOf(api)
  const render = renderError(errorBody)

  /** Renders all failures but the declared errors, which the API encodes. */
  const withRenderedErrors = (handler: RouteHandler) =>
    Effect.catchAllCause(handler, (cause) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) =>
        Option.match(toHttpError(cause, url), {
          onNone: () => Effect.failCause(cause),
          onSome: Effect.flatMap(render),
        }),
      ),
    )

  const build = Effect.gen(function* () {
    const { routes } = yield* HttpApiBuilder.Router.router
    // The type of the middleware states neither that requirements pass through it nor that no error remains:
    // it encodes the declared ones, and all others are rendered.
    const encodeErrors = (yield* HttpApiBuilder.buildMiddleware(api)) as unknown as (
      handler: ReturnType<typeof withRenderedErrors>,
    ) => Handler
    const contract: Contract = {
      name,
      operations,
      routes: [...routes].flatMap(({ method, path, handler }) => {
        const operation = operations.find((one) => one.method === method && one.path === path)
        return operation === undefined
          ? []
          : [
              {
                operation,
                handler: encodeErrors(withRenderedErrors(handler)),
              },
            ]
      }),
      api,
      errorSchema: (error) => makeHttpErrorSchema(errorBody, error),
      renderError: render,
      socket,
      webSockets,
      prefixes: resources.flatMap(({ prefixes }) => prefixes),
    }
    return contract
  })

  const makeLayers = resources.map((resource) => resource.routes(name)) as ReadonlyArray<
    ReturnType<Resource<Services<Resources>>["routes"]>
  >
  return Effect.gen(function* () {
    const layers = yield* Effect.all(makeLayers)
    const routes = layers
      .reduce((all, layer) => Layer.merge(all, layer))
      .pipe(Layer.provide(Authenticated.layer), Layer.provideMerge(HttpApiBuilder.Router.Live))
    const context = yield* withRequestServices(Layer.build(routes))
    return yield* Effect.provide(build, context)
  })
}

/** The HttpApi of a contract, for its OpenAPI document and the encoding of declared errors. */
const apiOf = ({
  name,
  title,
  description,
  resources,
  rateLimits,
}: Pick<
  ContractDefinition<never, ReadonlyArray<Resource>>,
  "name" | "title" | "description" | "resources" | "rateLimits"
>): Api => {
  const empty: Api = HttpApi.make(name)
  const api = resources.reduce((api, { group }) => api.add(group), empty)
  const titled = api.annotate(OpenApi.Title, title).annotate(OpenApi.Description, description)
  return rateLimits === undefined ? titled : titled.annotate(RateLimits, rateLimits)
}
