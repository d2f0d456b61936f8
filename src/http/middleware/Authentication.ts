import type { HttpServerRequest } from "@effect/platform"
import { Effect, Option } from "effect"
import { Sessions } from "../../domain/identity/Sessions"
import type { Actor } from "../../domain/shared/Actor"
import { cookieName } from "./SessionCookie"

type Request = HttpServerRequest.HttpServerRequest

/** The token of an `Authorization: Bearer` header. */
export const bearerToken = (request: Request): string | undefined =>
  /^bearer +(\S+) *$/i.exec(request.headers["authorization"] ?? "")?.[1]

const cookieValue = (request: Request): string | undefined =>
  request.headers["cookie"]?.includes(cookieName) === true ? request.cookies[cookieName] : undefined

/** Whose request this is, and whether the browser said so by itself, with a cookie. */
export interface AuthResult {
  readonly actor: Option.Option<Actor>
  readonly viaCookie: boolean
}

/** A bearer token counts before a cookie; one that does not hold is not made up for by a cookie. */
export const makeAuthenticate = Effect.map(Sessions, (sessions) => {
  const anonymous: AuthResult = { actor: Option.none(), viaCookie: false }
  const by =
    (byCookie: boolean) =>
    (actor: Option.Option<Actor>): AuthResult => ({ actor, viaCookie: byCookie })
  return (request: Request): Effect.Effect<AuthResult> => {
    const token = bearerToken(request)
    if (token !== undefined) return Effect.map(Effect.option(sessions.authenticate(token)), by(false))
    const cookie = cookieValue(request)
    if (cookie === undefined || cookie === "") return Effect.succeed(anonymous)
    return Effect.map(Effect.option(sessions.authenticateCookie(cookie)), by(true))
  }
})
