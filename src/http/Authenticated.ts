import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "@effect/platform"
import { Context, Effect, Layer, Option } from "effect"
import type { Actor } from "../domain/shared/Actor"

/** The name of the session cookie. */
export const cookieName = "parley_session"

/** The user who sent a request, as its bearer token or session cookie proves; resolved once per request. */
export class RequestActor extends Context.Reference<RequestActor>()("RequestActor", {
  defaultValue: (): Option.Option<Actor> => Option.none(),
}) {}

/** The authenticated user on whose behalf an operation runs. */
export class CurrentActor extends Context.Tag("CurrentActor")<CurrentActor, Actor>() {}

/**
 * Marks endpoints that need an authenticated user, and provides the user to their handlers. The router
 * rejects anonymous requests before they get here, so that nothing is read for them.
 */
export class Authenticated extends HttpApiMiddleware.Tag<Authenticated>()("Authenticated", {
  provides: CurrentActor,
  security: {
    bearer: HttpApiSecurity.bearer.pipe(
      HttpApiSecurity.annotate(OpenApi.Format, "JWT"),
      HttpApiSecurity.annotate(
        OpenApi.Description,
        "The access token from signing in, valid for 15 minutes, or an API key.",
      ),
    ),
    apiKey: HttpApiSecurity.apiKey({ in: "header", key: "X-API-Key" }).pipe(
      HttpApiSecurity.annotate(
        OpenApi.Description,
        "An API key, `pk_…`, from `POST /v1/auth/api-keys`. Operations that change nothing need its scope `read`, others `write`; those of administrators also `admin`. Operations on the account itself accept none.",
      ),
    ),
    cookie: HttpApiSecurity.apiKey({ in: "cookie", key: cookieName }).pipe(
      HttpApiSecurity.annotate(
        OpenApi.Description,
        "The session cookie that signing in sets, for browsers. Writes accept it only from pages of this site and of allowed origins.",
      ),
    ),
  },
}) {
  static readonly layer = Layer.succeed(this, {
    bearer: () => Effect.flatMap(RequestActor, Effect.orDie),
    apiKey: () => Effect.flatMap(RequestActor, Effect.orDie),
    cookie: () => Effect.flatMap(RequestActor, Effect.orDie),
  })
}

/** Calls a handler with the authenticated actor before its request. */
export const withActor =
  <Request, A, E, R>(handler: (actor: Actor, request: Request) => Effect.Effect<A, E, R>) =>
  (request: Request): Effect.Effect<A, E, R | CurrentActor> =>
    Effect.flatMap(CurrentActor, (actor) => handler(actor, request))
