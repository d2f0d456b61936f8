import { METHODS } from "node:http"
import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect, Option } from "effect"
import { publicUrl } from "../../domain/shared/PublicUrl"

const isOrigin = (text: string) => text === "*" || (/^https?:/.test(text) && originOf(text) === text)

const originsIn = (list: string): ReadonlyArray<string> =>
  list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "")

/** An origin on the browser's own machine, where a front end in development runs. */
const loopback = /^https?:\/\/(?:(?:[a-z\d-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/

/** The same for policies of pages, which have no pattern for addresses of IPv6. */
const loopbackSources = ["http://localhost:*", "http://127.0.0.1:*", "https://localhost:*"]

/** Origins whose pages may call this server and read its responses; `*` for all, without cookies. */
export const corsOrigins = Config.string("CORS_ORIGINS").pipe(
  Config.validate({
    message: "must be origins such as https://chat.example.com, separated by commas, or *",
    validation: (list) => originsIn(list).every(isOrigin),
  }),
  Config.map(originsIn),
  Config.option,
)

const exposedHeaders =
  "Content-Disposition, Content-Range, ETag, X-Request-Id, X-Generation-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Deprecation, Sunset, Link"

type Request = HttpServerRequest.HttpServerRequest

const originOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined

/** Whether a fetch or a WebSocket sent the request: links and images send `GET`s too, and must not cause writes. */
const isFetchMode = (mode: string | undefined) =>
  mode === undefined || mode === "cors" || mode === "same-origin" || mode === "websocket"

const publicOrigin = Effect.map(publicUrl, (url) =>
  Option.getOrUndefined(Option.map(url, ({ origin }) => origin)),
)

/** How many refused origins are logged: anybody can invent some. */
const MAX_LOGGED_ORIGINS = 100

/**
 * The origins of `CORS_ORIGINS`; by default those of the browser's own machine while `PUBLIC_URL` is unset, none
 * after that. Nothing is sent to `*` as to an origin. `sources` are the same for a page's policy.
 */
export const makeAllowedOrigins = Effect.gen(function* () {
  const configured = Option.getOrUndefined(yield* corsOrigins)
  const isPublic = (yield* publicOrigin) !== undefined
  if (configured === undefined && !isPublic)
    return { sources: loopbackSources, includes: (origin: string) => loopback.test(origin) }
  const sources = configured ?? []
  return { sources, includes: (origin: string) => sources.includes(origin) }
})

/** The CORS headers, preflight responses and the CSRF check, by configuration. */
export const makeCors = Effect.gen(function* () {
  const ownOrigin = yield* publicOrigin
  const allowed = yield* makeAllowedOrigins
  const allowsAny = allowed.includes("*")

  /** Without `PUBLIC_URL` the scheme is unknown: a proxy in front may terminate TLS. */
  const isSameOrigin = (origin: string, request: Request) =>
    ownOrigin === undefined
      ? origin.replace(/^https?:\/\//, "") === request.headers["host"]
      : origin === ownOrigin

  /** Returns the CORS headers of a response to a page of this origin. */
  const headers = (origin: string | undefined): Record<string, string> => {
    if (origin !== undefined && allowed.includes(origin)) {
      return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": exposedHeaders,
        vary: "Origin",
      }
    }
    // Without an origin too: a cache must not serve this response to a page that has one.
    if (!allowsAny) return { vary: "Origin" }
    return { "access-control-allow-origin": "*", "access-control-expose-headers": exposedHeaders }
  }

  /**
   * Responds to a preflight request. It also permits a method that is not served: a page sees the response to
   * that, 404 or 405, but not why a preflight failed.
   */
  const preflight = (request: Request, methods: ReadonlyArray<string>) => {
    const requested = request.headers["access-control-request-method"] ?? ""
    const permitted = METHODS.includes(requested) ? [...new Set([...methods, requested])] : methods
    return HttpServerResponse.empty({
      status: 204,
      headers: {
        allow: methods.join(", "),
        "access-control-allow-methods": permitted.join(", "),
        "access-control-allow-headers":
          request.headers["access-control-request-headers"] ?? "Authorization, Content-Type, Last-Event-ID",
        "access-control-max-age": "7200",
      },
    })
  }

  const logged = new Set<string>()

  /** Logs an origin whose pages may not read the response to their request, once. */
  const logRefusedOrigin = (request: Request) => {
    const origin = request.headers["origin"]
    if (origin === undefined || allowsAny || logged.has(origin) || logged.size >= MAX_LOGGED_ORIGINS)
      return Effect.void
    if (allowed.includes(origin) || isSameOrigin(origin, request)) return Effect.void
    logged.add(origin)
    return Effect.annotateLogs(
      Effect.logWarning("Origin refused; its pages may call the API once it is in CORS_ORIGINS"),
      { origin: origin.slice(0, 200) },
    )
  }

  /**
   * The CSRF check: whether a script of an allowed origin sent this request with its cookie. Browsers state
   * the source of a request in one of three headers. A request with none of them is not from a browser, or
   * from an old one that followed a link; `SameSite` keeps the cookie from all other sites.
   */
  const isAllowedOrigin = (request: Request): boolean => {
    if (request.method === "GET" && !isFetchMode(request.headers["sec-fetch-mode"])) return false
    const site = request.headers["sec-fetch-site"]
    if (site === "same-origin" || site === "none") return true
    const origin = request.headers["origin"] ?? originOf(request.headers["referer"])
    if (origin === undefined) return site === undefined && request.headers["referer"] === undefined
    return isSameOrigin(origin, request) || allowed.includes(origin)
  }

  return { headers, preflight, logRefusedOrigin, isAllowedOrigin }
})
