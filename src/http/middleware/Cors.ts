import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect, Option } from "effect"
import { publicUrl } from "../../domain/shared/PublicUrl"

const isOrigin = (text: string) => text === "*" || (/^https?:/.test(text) && originOf(text) === text)

const originsIn = (list: string): ReadonlyArray<string> =>
  list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "")

/** Where a front end in development usually runs; not allowed once `PUBLIC_URL` is set. */
const defaultOrigin = "http://localhost:3000"

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

/** The origins of `CORS_ORIGINS`, or by default the one of development. Nothing is sent to `*` as to an origin. */
export const makeAllowedOrigins = Effect.gen(function* () {
  const isPublic = (yield* publicOrigin) !== undefined
  return Option.getOrElse(yield* corsOrigins, () => (isPublic ? [] : [defaultOrigin]))
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

  /** Responds to a preflight request. */
  const preflight = (request: Request, methods: ReadonlyArray<string>) =>
    HttpServerResponse.empty({
      status: 204,
      headers: {
        allow: methods.join(", "),
        "access-control-allow-methods": methods.join(", "),
        "access-control-allow-headers":
          request.headers["access-control-request-headers"] ?? "Authorization, Content-Type, Last-Event-ID",
        "access-control-max-age": "7200",
      },
    })

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

  return { headers, preflight, isAllowedOrigin }
})
