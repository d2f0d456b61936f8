import type { HttpServerRequest } from "@effect/platform"
import { Effect, Option } from "effect"
import { Sessions } from "../../domain/identity/Sessions"
import type { Actor } from "../../domain/shared/Actor"
import { cookieName } from "../Authenticated"

type Request = HttpServerRequest.HttpServerRequest

/** Returns the token of an `Authorization: Bearer` header. */
export const bearerToken = (request: Request): string | undefined =>
  /^bearer +(\S+) *$/i.exec(request.headers["authorization"] ?? "")?.[1]

const cookieValue = (request: Request): string | undefined =>
  request.headers["cookie"]?.includes(cookieName) === true ? request.cookies[cookieName] : undefined

/** The user of a request, if authenticated, and whether the browser authenticated it on its own, by cookie. */
export interface AuthResult {
  readonly actor: Option.Option<Actor>
  readonly viaCookie: boolean
}

/** Returns the function that authenticates a request by bearer token or else by cookie. An invalid token does not fall back to the cookie. */
export const makeAuthenticate = Effect.map(Sessions, (sessions) => {
  const anonymous: AuthResult = { actor: Option.none(), viaCookie: false }
  const toResult =
    (viaCookie: boolean) =>
    (actor: Option.Option<Actor>): AuthResult => ({ actor, viaCookie })
  return (request: Request): Effect.Effect<AuthResult> => {
    const token = bearerToken(request)
    if (token !== undefined) return Effect.map(Effect.option(sessions.authenticate(token)), toResult(false))
    const cookie = cookieValue(request)
    if (cookie === undefined || cookie === "") return Effect.succeed(anonymous)
    return Effect.map(Effect.option(sessions.authenticateCookie(cookie)), toResult(true))
  }
})
