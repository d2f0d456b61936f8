import type { HttpServerRequest } from "@effect/platform"
import { Effect, Option } from "effect"
import { Sessions } from "../../domain/identity/Sessions"
import type { Actor, ApiKeyScope } from "../../domain/shared/Actor"
import { cookieName } from "../Authenticated"
import type { Operation } from "../Contract"
import { apiKeyNotAllowed, type HttpError, insufficientScope } from "../HttpError"

type Request = HttpServerRequest.HttpServerRequest

/** Returns the token of an `Authorization: Bearer` header. */
export const bearerToken = (request: Request): string | undefined =>
  /^bearer +(\S+) *$/i.exec(request.headers["authorization"] ?? "")?.[1]

const cookieValue = (request: Request): string | undefined =>
  request.headers["cookie"]?.includes(cookieName) === true ? request.cookies[cookieName] : undefined

/** Returns the token of a request: of its `Authorization: Bearer` header, or else the API key in `X-API-Key`. */
const tokenOf = (request: Request): string | undefined =>
  bearerToken(request) ?? request.headers["x-api-key"]?.trim()

/** Returns why an actor may not do what needs a scope: their API key does not have it. Sessions have all. */
export const rejectScope = ({ scopes }: Actor, scope: ApiKeyScope): HttpError | undefined =>
  scopes === undefined || scopes.includes(scope) ? undefined : insufficientScope(scope)

/**
 * Returns why an API key may not call an operation: an operation on the account needs a session, and every
 * other that needs a user the scope `read`, or `write` if it changes something. The scope `admin` is no matter
 * of operations: without it the actor is an ordinary user.
 */
export const rejectApiKey = (
  actor: Actor,
  { isSessionOnly, requiresActor, isWrite }: Pick<Operation, "isSessionOnly" | "requiresActor" | "isWrite">,
): HttpError | undefined => {
  if (actor.scopes === undefined) return undefined
  if (isSessionOnly) return apiKeyNotAllowed
  return requiresActor ? rejectScope(actor, isWrite ? "write" : "read") : undefined
}

/** The user of a request, if authenticated, and whether the browser authenticated it on its own, by cookie. */
export interface AuthResult {
  readonly actor: Option.Option<Actor>
  readonly viaCookie: boolean
}

/**
 * Returns the function that authenticates a request by access token or API key or else by cookie. An invalid
 * token does not fall back to the cookie.
 */
export const makeAuthenticate = Effect.map(Sessions, (sessions) => {
  const anonymous: AuthResult = { actor: Option.none(), viaCookie: false }
  const toResult =
    (viaCookie: boolean) =>
    (actor: Option.Option<Actor>): AuthResult => ({ actor, viaCookie })
  return (request: Request): Effect.Effect<AuthResult> => {
    const token = tokenOf(request)
    if (token !== undefined) return Effect.map(Effect.option(sessions.authenticate(token)), toResult(false))
    const cookie = cookieValue(request)
    if (cookie === undefined || cookie === "") return Effect.succeed(anonymous)
    return Effect.map(Effect.option(sessions.authenticateCookie(cookie)), toResult(true))
  }
})
