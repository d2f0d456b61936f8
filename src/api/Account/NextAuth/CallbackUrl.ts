import type { HttpServerRequest } from "@effect/platform"
import { Effect } from "effect"
import { makeAllowedOrigins } from "../../../http/middleware/Cors"
import { makeFrontEndOrigin } from "../../../http/middleware/FrontEndOrigin"
import { makeServerOrigin } from "../../../http/middleware/ServerOrigin"

type Request = HttpServerRequest.HttpServerRequest

/** Parses a URL; undefined for anything that is none, or none for a browser to open. */
const parse = (url: string, base: string): URL | undefined => {
  if (!URL.canParse(url, base)) return undefined
  const parsed = new URL(url, base)
  return /^https?:$/.test(parsed.protocol) && parsed.username === "" && parsed.password === ""
    ? parsed
    : undefined
}

/**
 * Resolves where a front end wants to send its user next. Only this server and the allowed origins are
 * accepted, so that a link to a sign-in page cannot lead to a site that looks like it.
 */
export const makeCallbackUrl = Effect.gen(function* () {
  const originOf = yield* makeServerOrigin
  const allowedOrigins = yield* makeAllowedOrigins
  const frontEndOf = yield* makeFrontEndOrigin

  /** Returns an absolute URL: of the front end's root, if the requested one is missing or not allowed. */
  const resolve = (request: Request, requested: string | undefined): string => {
    const base = frontEndOf(request)
    const url = parse(requested ?? "", base)
    const isAllowed =
      url !== undefined &&
      ([originOf(request), base].includes(url.origin) || allowedOrigins.includes(url.origin))
    return isAllowed ? url.href : new URL(base).href
  }

  return { resolve, frontEndOf, allowedOrigins }
})
