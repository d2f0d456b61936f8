import { createHash, timingSafeEqual } from "node:crypto"
import type { HttpServerRequest } from "@effect/platform"
import { Effect, Encoding, Option } from "effect"
import { sessionTtl } from "../../../domain/identity/Sessions/Model"
import { publicUrl } from "../../../domain/shared/PublicUrl"
import { Tokens } from "../../../domain/shared/Tokens"
import { makeSetCookie } from "../../../http/middleware/SessionCookie"

type Request = HttpServerRequest.HttpServerRequest

/** Compares in a time that does not depend on where two texts differ. */
const isSame = (one: string, other: string) => {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/**
 * Protects forms by a double submit: a form is accepted only with the token that is in the browser's cookie,
 * which pages of other sites can neither read nor set. The cookie is `TOKEN.CODE`, where the code proves
 * that this server issued the token.
 */
export const makeCsrf = Effect.gen(function* () {
  const tokens = yield* Tokens
  const setCookie = yield* makeSetCookie

  /** With the prefix, browsers reject a cookie that another host of the same domain sets. It needs https. */
  const isHttps = Option.exists(yield* publicUrl, ({ protocol }) => protocol === "https:")
  const cookieName = isHttps ? "__Host-parley_csrf" : "parley_csrf"

  const sign = (token: string) =>
    `${token}.${Encoding.encodeBase64Url(tokens.authenticationCode(`csrf ${token}`))}`

  /** Returns the token in a browser's cookie, if this server issued it. */
  const tokenOf = (request: Request): string | undefined => {
    const cookie = request.cookies[cookieName]
    const [token = ""] = cookie?.split(".", 1) ?? []
    return cookie !== undefined && isSame(cookie, sign(token)) ? token : undefined
  }

  /** Returns the token of a browser, and sets its cookie if it has none. */
  const issue = Effect.fnUntraced(function* (request: Request) {
    const existing = tokenOf(request)
    if (existing !== undefined) return existing
    const { value } = yield* tokens.generateSecret
    yield* setCookie(cookieName, sign(value), sessionTtl)
    return value
  })

  /** Whether a form was submitted with the token in the browser's cookie. */
  const isValid = (request: Request, submitted: string | undefined): boolean => {
    const token = tokenOf(request)
    return token !== undefined && submitted !== undefined && isSame(submitted, token)
  }

  return { issue, isValid }
})
