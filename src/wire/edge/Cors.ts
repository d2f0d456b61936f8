import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect } from "effect"
import { publicUrl } from "./PublicUrl"

const isOrigin = (text: string) => text === "*" || (/^https?:/.test(text) && originOf(text) === text)

const originsIn = (list: string): ReadonlyArray<string> =>
  list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "")

/** Origins whose pages may call this server and read its answers; `*` for all, without cookies. */
const corsOrigins = Config.string("CORS_ORIGINS").pipe(
  Config.validate({
    message: "must be origins such as https://chat.example.com, separated by commas, or *",
    validation: (list) => originsIn(list).every(isOrigin),
  }),
  Config.withDefault("http://localhost:3000"),
  Config.map(originsIn),
)

const exposed =
  "X-Request-Id, X-Generation-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"

type Request = HttpServerRequest.HttpServerRequest

const originOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined

/** What the settings say about other origins, as functions of a request. */
export const makeCors = Effect.gen(function* () {
  const allowed = yield* corsOrigins
  const ours = yield* Effect.map(publicUrl, (url) => (url._tag === "Some" ? url.value.origin : undefined))
  const anyone = allowed.includes("*")

  const isOwn = (origin: string, request: Request) =>
    origin === ours || origin.replace(/^https?:\/\//, "") === request.headers["host"]

  /** What an answer to a page of this origin has among its headers. */
  const headers = (origin: string | undefined): Record<string, string> => {
    if (origin !== undefined && allowed.includes(origin)) {
      return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": exposed,
        vary: "Origin",
      }
    }
    // Also where there is no origin: a cache must not give this answer to a page that has one.
    if (!anyone) return { vary: "Origin" }
    return { "access-control-allow-origin": "*", "access-control-expose-headers": exposed }
  }

  /** Answers a browser that asks beforehand what it may send. */
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
   * Whether a cookie on this request is there because one of our own pages sent it. Browsers say
   * where a request comes from in one of three headers; what says nothing is no browser, since
   * the cookie is kept from every other site by `SameSite`.
   */
  const isTrusted = (request: Request): boolean => {
    const site = request.headers["sec-fetch-site"]
    if (site === "same-origin" || site === "none") return true
    const origin = request.headers["origin"] ?? originOf(request.headers["referer"])
    if (origin === undefined) return site === undefined && request.headers["referer"] === undefined
    return isOwn(origin, request) || allowed.includes(origin)
  }

  return { headers, preflight, isTrusted }
})
