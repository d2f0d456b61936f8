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
export interface Identity {
  readonly actor: Option.Option<Actor>
  readonly byCookie: boolean
}

/** A bearer token counts before a cookie; one that does not hold is not made up for by a cookie. */
export const makeIdentify = Effect.map(Sessions, (sessions) => {
  const nobody: Identity = { actor: Option.none(), byCookie: false }
  const by =
    (byCookie: boolean) =>
    (actor: Option.Option<Actor>): Identity => ({ actor, byCookie })
  return (request: Request): Effect.Effect<Identity> => {
    const token = bearerToken(request)
    if (token !== undefined) return Effect.map(Effect.option(sessions.identify(token)), by(false))
    const cookie = cookieValue(request)
    if (cookie === undefined || cookie === "") return Effect.succeed(nobody)
    return Effect.map(Effect.option(sessions.identifyCookie(cookie)), by(true))
  }
})
