import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Config, Effect, Option } from "effect"
import { publicUrl } from "./PublicUrl"

const isOrigin = (text: string) => text === "*" || (/^https?:/.test(text) && originOf(text) === text)

const originsIn = (list: string): ReadonlyArray<string> =>
  list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "")

/** Where a front end in development usually is; of no use to a server that has an address of its own. */
const usual = "http://localhost:3000"

/** Origins whose pages may call this server and read its answers; `*` for all, without cookies. */
export const corsOrigins = Config.string("CORS_ORIGINS").pipe(
  Config.validate({
    message: "must be origins such as https://chat.example.com, separated by commas, or *",
    validation: (list) => originsIn(list).every(isOrigin),
  }),
  Config.map(originsIn),
  Config.option,
)

const exposed =
  "Content-Disposition, X-Request-Id, X-Generation-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"

type Request = HttpServerRequest.HttpServerRequest

const originOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined

/** A link that is followed and a picture that is shown make `GET`s too, and would write by them. */
const isOfScript = (mode: string | undefined) =>
  mode === undefined || mode === "cors" || mode === "same-origin"

/** What the settings say about other origins, as functions of a request. */
export const makeCors = Effect.gen(function* () {
  const ours = Option.getOrUndefined(Option.map(yield* publicUrl, ({ origin }) => origin))
  const allowed = Option.getOrElse(yield* corsOrigins, () => (ours === undefined ? [usual] : []))
  const anyone = allowed.includes("*")

  /** Without `PUBLIC_URL` nobody knows whether there is a proxy in front that speaks https. */
  const isOwn = (origin: string, request: Request) =>
    ours === undefined ? origin.replace(/^https?:\/\//, "") === request.headers["host"] : origin === ours

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
   * Whether a cookie on this request is there because a script of one of our own pages sent it.
   * Browsers say where a request comes from in one of three headers. One that says nothing is no
   * browser, or an old one that followed a link from outside of it; from every other site the
   * cookie is kept by `SameSite`.
   */
  const isTrusted = (request: Request): boolean => {
    if (request.method === "GET" && !isOfScript(request.headers["sec-fetch-mode"])) return false
    const site = request.headers["sec-fetch-site"]
    if (site === "same-origin" || site === "none") return true
    const origin = request.headers["origin"] ?? originOf(request.headers["referer"])
    if (origin === undefined) return site === undefined && request.headers["referer"] === undefined
    return isOwn(origin, request) || allowed.includes(origin)
  }

  return { headers, preflight, isTrusted }
})
